/** Where nothing is seen: blind cameras that stand near each other make one hatched area. Pure. */

import { instant } from '../time/format';

const METRES_PER_DEGREE = 111_320;
/** Blind cameras nearer than this to each other belong to one area. */
const NEAR_M = 400;
/** What one camera sees, roughly. */
export const SIGHT_M = 120;

export interface BlindSpot {
  readonly id: string;
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
  readonly since: string | null;
}

export interface BlindArea {
  readonly lat: number;
  readonly lon: number;
  readonly radiusM: number;
  readonly names: readonly string[];
  /** Since when the first of them is blind; null when it is not known. */
  readonly since: number | null;
}

export function blindAreas(spots: readonly BlindSpot[]): readonly BlindArea[] {
  const groups: BlindSpot[][] = [];
  for (const spot of spots) {
    const near = groups.filter((group) => group.some((each) => metresBetween(each, spot) < NEAR_M));
    for (const group of near) groups.splice(groups.indexOf(group), 1);
    groups.push([...near.flat(), spot]);
  }
  return groups.map(areaOf);
}

export function metresBetween(
  a: { lat: number; lon: number },
  b: { lat: number; lon: number },
): number {
  const north = (a.lat - b.lat) * METRES_PER_DEGREE;
  const east = (a.lon - b.lon) * METRES_PER_DEGREE * Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(north, east);
}

/** The point so many metres away in this direction. */
export function pointAt(
  from: { lat: number; lon: number },
  bearingDeg: number,
  metres: number,
): [number, number] {
  const bearing = (bearingDeg * Math.PI) / 180;
  const lat = from.lat + (Math.cos(bearing) * metres) / METRES_PER_DEGREE;
  const shrink = METRES_PER_DEGREE * Math.cos((from.lat * Math.PI) / 180);
  return [lat, from.lon + (Math.sin(bearing) * metres) / shrink];
}

function areaOf(group: readonly BlindSpot[]): BlindArea {
  const centre = {
    lat: group.reduce((sum, spot) => sum + spot.lat, 0) / group.length,
    lon: group.reduce((sum, spot) => sum + spot.lon, 0) / group.length,
  };
  const farthest = Math.max(...group.map((spot) => metresBetween(centre, spot)));
  const times = group.flatMap((spot) => instant(spot.since) ?? []);
  return {
    ...centre,
    radiusM: farthest + SIGHT_M,
    names: group.map((spot) => spot.name),
    since: times.length > 0 ? Math.min(...times) : null,
  };
}
