/** Marks of the map drawn one by one: one that cannot be drawn takes no other with it. */

import { partFailed } from '../shell/page-faults.svelte';
import type { Point } from './pins';

/** Returns the marks that were drawn; the others are for the map to count and tell of. */
export function drawEach<Mark>(
  marks: readonly Mark[],
  draw: (mark: Mark, i: number) => void,
): Mark[] {
  return marks.filter((mark, i) => {
    try {
      draw(mark, i);
      return true;
    } catch (error) {
      partFailed(error);
      return false;
    }
  });
}

/** Raise `RangeError` for a place that is none: Leaflet would frame it, or draw nothing in silence. */
export function checkPlace({ lat, lon }: Point): void {
  if (!isPlace(lat, 90) || !isPlace(lon, 180)) throw new RangeError(`no place: ${lat} ${lon}`);
}

function isPlace(degrees: unknown, most: number): boolean {
  return typeof degrees === 'number' && Math.abs(degrees) <= most;
}
