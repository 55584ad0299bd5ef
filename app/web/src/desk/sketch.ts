/** The cameras around a place, laid out in metres on a small square. Pure. */

import { isSeeing } from '../alert/blindness';
import type { Camera } from '../api/types';

const METRES_PER_DEGREE = 111_320;
/** Half the sketch's width: the smallest of these that shows a neighbour, if any does. */
const RADII_M = [100, 250, 500, 1000, 2500];
const MOST_NEIGHBOURS = 40;

export interface Spot {
  readonly id: string;
  readonly name: string;
  /** Metres east and north of the alert's camera. */
  readonly east: number;
  readonly north: number;
  readonly distance: number;
  readonly seeing: boolean;
}

export interface Sketch {
  readonly radiusM: number;
  readonly bearing: number | null;
  readonly spots: readonly Spot[];
}

type Centre = Pick<Camera, 'id' | 'bearing_deg'> & { lat: number; lon: number };

export function sketchOf(centre: Centre, cameras: readonly Camera[]): Sketch {
  const around = cameras
    .flatMap((camera) => (camera.id === centre.id ? [] : (spotOf(centre, camera) ?? [])))
    .sort((a, b) => a.distance - b.distance);
  const second = around[Math.min(1, around.length - 1)]?.distance ?? 0;
  const radiusM =
    RADII_M.find((radius) => second <= radius * 0.9) ?? RADII_M[RADII_M.length - 1] ?? 0;
  const spots = around.filter((spot) => spot.distance <= radiusM * 1.4).slice(0, MOST_NEIGHBOURS);
  return { radiusM, bearing: centre.bearing_deg, spots };
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const LINE_PX = 14;

/** Which labels can be written without running into one before them. */
export function legible(labels: readonly Label[]): readonly boolean[] {
  const written: Label[] = [];
  return labels.map((label) => {
    const free = written.every(
      (other) =>
        Math.abs(other.y - label.y) >= LINE_PX ||
        Math.abs(other.x - label.x) >= (other.width + label.width) / 2,
    );
    if (free) written.push(label);
    return free;
  });
}

/** 0 north, 1 north-east … 7 north-west. */
export function directionIndex(bearingDeg: number): number {
  return Math.round((((bearingDeg % 360) + 360) % 360) / 45) % 8;
}

function spotOf(centre: Centre, camera: Camera): Spot | null {
  if (camera.lat === null || camera.lon === null) return null;
  const north = (camera.lat - centre.lat) * METRES_PER_DEGREE;
  const east =
    (camera.lon - centre.lon) * METRES_PER_DEGREE * Math.cos((centre.lat * Math.PI) / 180);
  const distance = Math.hypot(east, north);
  return { id: camera.id, name: camera.name, east, north, distance, seeing: isSeeing(camera) };
}
