/** How close a map shows what it frames, beside what lies over it. */

import * as L from 'leaflet';

import type { Room } from './clear-of';
import type { Point } from './pins';

export const CLOSEST_ZOOM = 18;
/** Free at every edge; at the right, the words of a pin stand. */
const EDGE = 60;
const WORDS = 260;

/** Frames the bounds and the points in that of the rooms where they are largest. */
export function frame(
  map: L.Map,
  least: L.LatLngBounds,
  points: readonly Point[],
  rooms: readonly Room[],
): void {
  const all = L.latLngBounds(least.getSouthWest(), least.getNorthEast());
  for (const { lat, lon } of points) all.extend([lat, lon]);
  const bounds = all.pad(0.12);
  const zoom = ({ left, top, bottom }: Room): number =>
    map.getBoundsZoom(bounds, false, L.point(EDGE + left + WORDS, 2 * EDGE + top + bottom));
  const [best] = [...rooms].sort((a, b) => zoom(b) - zoom(a));
  const { left, top, bottom } = best ?? { left: 0, top: 0, bottom: 0 };
  map.fitBounds(bounds, {
    animate: false,
    maxZoom: CLOSEST_ZOOM,
    paddingTopLeft: [EDGE + left, EDGE + top],
    paddingBottomRight: [WORDS, EDGE + bottom],
  });
}
