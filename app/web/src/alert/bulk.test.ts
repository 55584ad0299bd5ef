import { describe, expect, it } from 'vitest';

import { groupAround, stepsFor } from './bulk';
import type { Officer } from './life';
import { madeAlert } from './made';

const an: Officer = { username: 'an', roles: ['operator'] };
const leader: Officer = { username: 'le', roles: ['leader'] };
const mine = { owner: { username: 'an', name: 'An' }, state: 'acknowledged' } as const;
const theirs = { owner: { username: 'chi', name: 'Chi' }, state: 'acknowledged' } as const;
const asked = { ...theirs, cosign_wanted_by: { username: 'chi', name: 'Chi' } } as const;

describe('one command for many alerts', () => {
  it.each([
    ['acknowledge', {}, an, ['acknowledge']],
    ['acknowledge', mine, an, []],
    ['reject', {}, an, ['acknowledge', 'reject']],
    ['reject', mine, an, ['reject']],
    ['reject', theirs, an, []],
    ['reject', asked, leader, ['reject', 'close']],
    ['reject', { priority: 2 }, an, ['acknowledge', 'reject', 'close']],
    ['reject', { ...mine, priority: 2 }, an, ['reject', 'close']],
    ['reject', { state: 'rejected' }, leader, []],
    ['confirm', {}, an, ['acknowledge', 'confirm']],
    ['hand_over', {}, an, ['acknowledge', 'hand_over']],
    ['close', { state: 'rejected' }, an, ['close']],
    ['close', mine, an, []],
    ['note', theirs, an, ['note']],
  ] as const)('%s on %o', (action, part, user, steps) => {
    expect(stepsFor(action, madeAlert(part), user)).toEqual(steps);
  });
});

describe('a group', () => {
  const first = madeAlert({ id: 'first' });

  it('is of one kind in one ward, whoever has it', () => {
    const alerts = [
      first,
      madeAlert({ id: 'held', ...mine }),
      madeAlert({ id: 'judged', state: 'rejected' }),
      madeAlert({ id: 'other kind', kind: 'smoke' }),
      madeAlert({ id: 'elsewhere', place: 'Phường Tây Hồ' }),
      madeAlert({ id: 'over', state: 'closed' }),
      madeAlert({ id: 'aside', shelf: 'shelf' }),
      madeAlert({ id: 'drill', exercise: true }),
    ];
    expect(groupAround(first, alerts)).toEqual(['first', 'held', 'judged']);
  });

  it('leaves out what has grown since, unless it is the one that is looked at', () => {
    const grown = madeAlert({ id: 'grown', spoke_reason: 'area_doubled' });
    expect(groupAround(first, [first, grown])).toEqual(['first']);
    expect(groupAround(grown, [first, grown])).toEqual(['first', 'grown']);
  });
});
