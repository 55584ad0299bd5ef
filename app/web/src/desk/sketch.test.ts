import { describe, expect, it } from 'vitest';

import type { Camera } from '../api/types';
import { directionIndex, legible, sketchOf } from './sketch';

const camera = (id: string, lat: number | null, lon: number | null, state = 'online'): Camera => ({
  id,
  name: id,
  area: null,
  agency: null,
  lat,
  lon,
  bearing_deg: 90,
  state,
  reason: null,
  detail: null,
  picture: null,
  since: null,
  worker: null,
  sees: true,
  moving: false,
  turns: false,
  ends_at: null,
});
const centre = { id: 'here', lat: 21.0245, lon: 105.8412, bearing_deg: 90 };

describe('the sketch', () => {
  it('lays neighbours out in metres, nearest first, without the camera itself', () => {
    const cameras = [
      camera('here', centre.lat, centre.lon),
      camera('east', centre.lat, centre.lon + 0.002, 'backoff'),
      camera('north', centre.lat + 0.0005, centre.lon),
      camera('nowhere', null, null),
    ];
    const { spots, radiusM } = sketchOf(centre, cameras);
    expect(spots.map((spot) => spot.id)).toEqual(['north', 'east']);
    expect(spots[0]?.north).toBeCloseTo(55.7, 1);
    expect(spots[1]?.east).toBeCloseTo(207.8, 0);
    expect(spots[1]?.seeing).toBe(false);
    expect(radiusM).toBe(250);
  });

  it('stands alone where there is no neighbour', () => {
    expect(sketchOf(centre, [])).toEqual({ radiusM: 100, bearing: 90, spots: [] });
  });

  it('writes no label over another', () => {
    const label = (x: number, y: number) => ({ x, y, width: 60 });
    const labels = [label(100, 50), label(130, 55), label(130, 70), label(160, 50)];
    expect(legible(labels)).toEqual([true, false, true, true]);
  });

  it.each([
    [0, 0],
    [44, 1],
    [350, 0],
    [-90, 6],
    [180, 4],
  ])('bearing %i points to %i', (bearing, index) => expect(directionIndex(bearing)).toBe(index));
});
