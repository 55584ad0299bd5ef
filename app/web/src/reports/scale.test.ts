import { describe, expect, it } from 'vitest';

import { labelEvery, stepFor, ticks } from './scale';

describe('an axis', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [40, [0, 10, 20, 30, 40]],
    [41, [0, 20, 40, 60]],
  ])('for %i', (value, expected) => {
    expect(ticks(value)).toEqual(expected);
  });
  it('never ends below its value', () => {
    for (let value = 0; value < 3000; value += 7) {
      expect(ticks(value).at(-1)).toBeGreaterThanOrEqual(value);
      expect(stepFor(value) * 4).toBeGreaterThanOrEqual(value);
    }
  });
  it('labels a few of many bars', () => {
    expect([labelEvery(24, 12), labelEvery(31, 12), labelEvery(3, 12)]).toEqual([2, 3, 1]);
  });
});
