import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { en } from '../i18n/en';
import { vi } from '../i18n/vi';
import { answeredAfter, burnsOn, outcomeOf, titleStateOf } from './outcome';

const person = { username: 'an', name: 'An' };

describe('outcome', () => {
  it('is none until somebody judged, also while a co-sign is awaited', () => {
    expect(outcomeOf({ verdict_by: null, reject_reason: null })).toBe('none');
    expect(outcomeOf({ verdict_by: null, reject_reason: 'steam' })).toBe('none');
  });
  it('is rejected with a reason, confirmed without', () => {
    expect(outcomeOf({ verdict_by: person, reject_reason: 'steam' })).toBe('rejected');
    expect(outcomeOf({ verdict_by: person, reject_reason: null })).toBe('confirmed');
  });
});

describe('a confirmed fire', () => {
  const confirmed = madeAlert({ state: 'confirmed', verdict_by: person });
  const closed = madeAlert({ state: 'closed', verdict_by: person });
  it('stays a fire once it is closed', () => {
    for (const alert of [confirmed, closed])
      expect(vi.kindTitle('fire', titleStateOf(alert))).toBe('Cháy · lửa');
    expect(en.kindTitle('fire', titleStateOf(closed))).not.toMatch(/suspected/i);
    const falseOne = { ...closed, reject_reason: 'steam' as const };
    expect(vi.kindTitle('fire', titleStateOf(falseOne))).toBe('Nghi cháy · lửa');
  });
  it('is asked about before it is closed, as long as it is seen', () => {
    expect(burnsOn(confirmed)).toBe(true);
    expect(burnsOn({ ...confirmed, condition: 'cleared' })).toBe(false);
    expect(burnsOn({ ...confirmed, reject_reason: 'steam' })).toBe(false);
    expect(burnsOn({ ...confirmed, kind: 'camera_offline' })).toBe(false);
    expect(burnsOn(madeAlert())).toBe(false);
  });
});

describe('time to answer', () => {
  it('starts at the picture and is never negative', () => {
    const raised_at = '2026-11-24T10:00:00Z';
    const acknowledged_at = '2026-11-24T10:00:12Z';
    const after = (part: object) =>
      answeredAfter({ raised_at, acknowledged_at, state: 'acknowledged', ...part });
    expect(after({})).toBe(12);
    expect(after({ acknowledged_at: '2026-11-24T09:59:00Z' })).toBe(0);
    expect(after({ acknowledged_at: null })).toBeNull();
    expect(after({ state: 'new' })).toBeNull(); // its lease is over
  });
});
