import { describe, expect, it } from 'vitest';

import type { Box } from '../api/types';
import { WHOLE, boxWithin, cropAround } from './crop';

describe('looking closer', () => {
  it.each<[string, Box, { x: number; y: number; side: number }]>([
    ['a box without area', [0, 0, 0, 0], WHOLE],
    ['a box in the middle', [0.45, 0.4, 0.1, 0.2], { x: 0.34, y: 0.34, side: 0.32 }],
    ['a box in a corner', [0.9, 0, 0.1, 0.1], { x: 0.84, y: 0, side: 0.16 }],
    ['a tiny box', [0.5, 0.5, 0.01, 0.01], { x: 0.425, y: 0.425, side: 0.16 }],
    ['a box as large as the picture', [0, 0, 1, 1], WHOLE],
  ])('at %s', (_, box, expected) => {
    const crop = cropAround(box);
    expect(crop.x).toBeCloseTo(expected.x, 6);
    expect(crop.y).toBeCloseTo(expected.y, 6);
    expect(crop.side).toBeCloseTo(expected.side, 6);
  });

  it('keeps the box on the thing it was drawn around', () => {
    const box: Box = [0.45, 0.4, 0.1, 0.2];
    const [x, , w, h] = boxWithin(box, cropAround(box));
    expect(x + w / 2).toBeCloseTo(0.5, 6);
    expect(h / w).toBeCloseTo(2, 6);
    expect(boxWithin(box, WHOLE)).toEqual(box);
  });
});
