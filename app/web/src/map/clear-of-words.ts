/** Where the codes of a wall's map stand so that none lies under an alert's words. Pure; pixels. */

import type { Box } from './overlaps';
import type { Mark } from './name-places';

/** Half of a code of three letters. */
const HALF = { width: 18, height: 11 };
const BESIDE = [0, -1, 1, -2, 2] as const;

/** The points, each moved as little as will do: above or below words, beside another code. */
export function clearOfWords(points: readonly Mark[], words: readonly Box[]): readonly Mark[] {
  const codes: Box[] = [];
  return points.map((point) => {
    const covering = words.filter((box) => meets(around(point), box));
    const rows = covering.flatMap(({ top, bottom }) => [top - HALF.height, bottom + HALF.height]);
    const places = [point.y, ...rows]
      .flatMap((y) => BESIDE.map((by) => ({ x: point.x + by * 2 * HALF.width, y })))
      .sort((a, b) => far(a, point) - far(b, point));
    const free = places.find(
      (place) => ![...words, ...codes].some((box) => meets(around(place), box)),
    );
    const found = free ?? point;
    codes.push(around(found));
    return found;
  });
}

function around({ x, y }: Mark): Box {
  return {
    left: x - HALF.width,
    top: y - HALF.height,
    right: x + HALF.width,
    bottom: y + HALF.height,
  };
}

function meets(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function far(a: Mark, b: Mark): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
