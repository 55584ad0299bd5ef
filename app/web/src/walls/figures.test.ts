import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { coverage, todayOf } from './figures';

const NOW = Date.parse('2026-11-24T07:00:00Z');
const RAISED = '2026-11-24T06:00:00.000Z';
const PERSON = { username: 'an', name: 'An' };

function rejected(by: typeof PERSON | null) {
  return { reject_reason: 'fog', verdict_by: by } as const;
}

describe('coverage', () => {
  it.each([
    [0, 0, null],
    [3, 3, 100],
    [1, 3, 33.3],
    [39_999, 40_000, 99.9],
    [5, 4, 100],
  ])('%s of %s cameras is %s', (online, total, share) => {
    expect(coverage(online, total)).toBe(share);
  });
});

describe('today', () => {
  it('counts the city’s alerts by kind, and how many were answered in time', () => {
    const answered = (s: number) => new Date(Date.parse(RAISED) + s * 1000).toISOString();
    const today = todayOf(
      [
        madeAlert({ id: 'a', raised_at: RAISED, acknowledged_at: answered(14) }),
        madeAlert({ id: 'b', raised_at: RAISED, acknowledged_at: answered(16) }),
        madeAlert({ id: 'c', raised_at: RAISED, kind: 'intrusion', ...rejected(PERSON) }),
        madeAlert({ id: 'f', raised_at: RAISED, ...rejected(null) }), // awaits a leader's word
        madeAlert({ id: 'd', raised_at: RAISED, kind: 'camera_offline' }),
        madeAlert({ id: 'e', raised_at: '2026-11-23T06:00:00Z' }),
      ],
      -Infinity,
      NOW,
    );
    expect(today).toEqual({
      kinds: [
        ['fire', 3],
        ['intrusion', 1],
      ],
      falseAlarms: 1,
      inTime: 50,
    });
  });

  it('is not told when older closed alerts of today may be missing', () => {
    const known = (wholeAfter: number) => todayOf([], wholeAfter, NOW) !== null;
    expect(known(Infinity)).toBe(false); // no list has come
    expect(known(Date.parse('2026-11-23T17:00:00Z'))).toBe(false); // this midnight
    expect(known(Date.parse('2026-11-23T16:59:59Z'))).toBe(true);
    expect(known(-Infinity)).toBe(true);
  });
});
