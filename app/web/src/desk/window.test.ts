import { describe, expect, it } from 'vitest';

import { scrollToShow, visibleRange } from './window';

const view = (top: number) => ({ top, height: 900, rowHeight: 90 });

describe('a long list', () => {
  it.each([
    [0, 0, 0, 0],
    [3, 0, 0, 3],
    [5000, 0, 0, 16],
    [5000, 9000, 94, 116],
    [5000, 450_000 - 900, 4984, 5000],
    [10, 450_000, 9, 10],
  ])('of %i rows at %i draws %i to %i', (count, top, from, to) => {
    expect(visibleRange(count, view(top))).toEqual({ from, to });
  });

  it.each([
    [0, 900, 0],
    [12, 900, 900],
    [25, 900, 1440],
  ])('shows row %i from %i at %i', (index, top, expected) => {
    expect(scrollToShow(index * 90, view(top))).toBe(expected);
  });
});
