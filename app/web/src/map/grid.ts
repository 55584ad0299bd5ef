/** A grid in whole metres, for sites without a map of their own. Pure. */

const METRES_PER_DEGREE = 111_320;
const STEPS_M = [50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000];
/** Fewer lines than this across the narrower side. */
const MOST_LINES = 12;

export interface Bounds {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

export interface Grid {
  readonly stepM: number;
  readonly lats: readonly number[];
  readonly lons: readonly number[];
}

export function gridOf(bounds: Bounds): Grid {
  const perLon =
    METRES_PER_DEGREE * Math.cos((((bounds.south + bounds.north) / 2) * Math.PI) / 180);
  const tallM = (bounds.north - bounds.south) * METRES_PER_DEGREE;
  const wideM = (bounds.east - bounds.west) * perLon;
  const narrowM = Math.min(tallM, wideM);
  const stepM = STEPS_M.find((step) => narrowM / step <= MOST_LINES) ?? narrowM;
  return {
    stepM,
    lats: lines(bounds.south, bounds.north, stepM / METRES_PER_DEGREE),
    lons: lines(bounds.west, bounds.east, stepM / perLon),
  };
}

function lines(from: number, to: number, step: number): number[] {
  if (!(step > 0) || !(to > from)) return [];
  const first = Math.ceil(from / step);
  const count = Math.min(100, Math.floor(to / step) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}
