/** The part of a picture around the box, in the picture's own proportions, for looking closer. Pure. */

import type { Box } from '../api/types';

/** How much of the surroundings is kept around the box. */
const ROOM = 1.6;
/** Never closer than this share of the picture: beyond it there are only blocks to see. */
const SMALLEST = 0.16;

/** A square in 0..1 coordinates: the left, the top, and the side. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

export const WHOLE: Crop = { x: 0, y: 0, side: 1 };

/** Alerts of the system itself are about no part of the picture. */
export function hasArea([, , w, h]: Box): boolean {
  return w > 0 && h > 0;
}

export function cropAround(box: Box): Crop {
  if (!hasArea(box)) return WHOLE;
  const [x, y, w, h] = box;
  const side = Math.min(1, Math.max(SMALLEST, ROOM * Math.max(w, h)));
  return { x: inside(x + w / 2 - side / 2, side), y: inside(y + h / 2 - side / 2, side), side };
}

/** Where a box of the whole picture stands in the crop, in 0..1 of the crop. */
export function boxWithin([x, y, w, h]: Box, crop: Crop): Box {
  return [(x - crop.x) / crop.side, (y - crop.y) / crop.side, w / crop.side, h / crop.side];
}

function inside(start: number, side: number): number {
  return Math.min(1 - side, Math.max(0, start));
}
