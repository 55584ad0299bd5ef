import { describe, expect, it } from 'vitest';

import { cellsOf } from './habits';

describe('what is usual on a camera', () => {
  it('is drawn where it is, and nothing else is', () => {
    const grid = [
      [0, 0.01, 0.5],
      [0, 0, 1.2],
    ];
    expect(cellsOf(grid)).toEqual([
      { key: '2 0', x: 2, y: 0, share: 0.5 },
      { key: '2 1', x: 2, y: 1, share: 1 },
    ]);
  });

  it('is empty on a camera that has learned nothing', () => expect(cellsOf([])).toEqual([]));
});
