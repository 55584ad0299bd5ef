/** Marks that would lie over one another stand as one, with their number. Pure; pixels. */

import type { Mark } from './name-places';

/**
 * Which marks stand together: the indices of each cluster, in the order of the marks. One joins the
 * first cluster whose own first mark is nearer than `withinPx`.
 */
export function clustersOf(
  marks: readonly Mark[],
  withinPx: number,
): readonly (readonly number[])[] {
  const clusters: { at: Mark; of: number[] }[] = [];
  marks.forEach((mark, i) => {
    const near = clusters.find(({ at }) => Math.hypot(at.x - mark.x, at.y - mark.y) < withinPx);
    if (near) near.of.push(i);
    else clusters.push({ at: mark, of: [i] });
  });
  return clusters.map(({ of }) => of);
}

/** Whether words of this width, in the middle of a mark, would lie over one of the boxes. */
export function coversAny({ x, y }: Mark, widthPx: number, boxes: readonly Box[]): boolean {
  const half = { x: widthPx / 2, y: 12 };
  return boxes.some(
    ({ left, top, right, bottom }) =>
      x + half.x > left && x - half.x < right && y + half.y > top && y - half.y < bottom,
  );
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
