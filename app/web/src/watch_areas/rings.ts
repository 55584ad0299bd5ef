/** Where the cameras of running areas stand, for the map. Pure. */

import type { Camera } from '../api/types';
import type { Area } from './area';

export interface Ring {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export function ringsOf(areas: readonly Area[], cameras: readonly Camera[]): readonly Ring[] {
  return areas
    .map((area) => ({ name: area.name, points: placesOf(area, cameras) }))
    .filter((ring) => ring.points.length > 0);
}

function placesOf(area: Area, cameras: readonly Camera[]): readonly (readonly [number, number])[] {
  const own = new Set(area.cameras);
  return cameras.flatMap(({ id, lat, lon }) =>
    own.has(id) && lat !== null && lon !== null ? [[lat, lon] as const] : [],
  );
}
