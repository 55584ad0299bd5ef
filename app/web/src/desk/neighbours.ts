/** The cameras nearest to a place, an alert's own aside, to look at the same thing from another side. Pure. */

import type { Alert, Camera } from '../api/types';
import { sketchOf, type Spot } from './sketch';

const SHOWN = 2;

/** The nearest two with a picture; nearest first. */
export function neighboursOf(
  alert: Pick<Alert, 'camera' | 'lat' | 'lon'>,
  cameras: readonly Camera[],
): readonly Spot[] {
  if (alert.lat === null || alert.lon === null) return [];
  const here = { id: alert.camera, lat: alert.lat, lon: alert.lon, bearing_deg: null };
  return sketchOf(here, cameras)
    .spots.filter((spot) => spot.seeing)
    .slice(0, SHOWN);
}
