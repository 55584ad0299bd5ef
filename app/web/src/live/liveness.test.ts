import { describe, expect, it } from 'vitest';

import { backoffMs, isOver, livenessOf } from './liveness';

describe('livenessOf', () => {
  const attemptAt = 10_000;
  it.each([
    ['nothing yet', null, 10_500, 'connecting'],
    ['nothing for too long', null, 17_000, 'stale'],
    ['a new picture', 12_000, 13_999, 'live'],
    ['an old picture', 12_000, 14_000, 'stale'],
    ['an old picture while connecting anew', 1_000, 10_001, 'stale'],
  ])('%s', (_, pictureAt, now, expected) => {
    expect(livenessOf({ pictureAt, attemptAt }, now)).toBe(expected);
  });
});

describe('isOver', () => {
  it.each([
    ['still connecting', null, 16_999, false],
    ['never showed anything', null, 17_000, true],
    ['only a picture of the attempt before', 9_000, 17_000, true],
    ['stalled for a moment', 12_000, 19_999, false],
    ['stalled for good', 12_000, 20_000, true],
  ])('%s', (_, pictureAt, now, expected) => {
    expect(isOver({ pictureAt, attemptAt: 10_000 }, now)).toBe(expected);
  });
});

describe('backoffMs', () => {
  it('grows, has a bound, and differs between desks', () => {
    expect([1, 2, 3, 9].map((failures) => backoffMs(failures, 1))).toEqual([
      1000, 2000, 4000, 15_000,
    ]);
    expect(backoffMs(1, 0)).toBe(500);
  });
});
