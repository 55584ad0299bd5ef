import { describe, expect, it } from 'vitest';

import { blindAreas, metresBetween, pointAt, SIGHT_M } from './blind-areas';

const HERE = { lat: 21.0285, lon: 105.8542 };

function spot(id: string, eastM: number, since: string | null = '2026-11-24T07:00:00Z') {
  const [lat, lon] = pointAt(HERE, 90, eastM);
  return { id, name: `Camera ${id}`, lat, lon, since };
}

describe('blind areas', () => {
  it('makes one of neighbours, also where a later one joins two groups', () => {
    const areas = blindAreas([spot('a', 0), spot('b', 700), spot('c', 350), spot('far', 5000)]);
    expect(areas.map((area) => area.names.length).sort()).toEqual([1, 3]);
  });

  it('covers all of its cameras and dates from the first', () => {
    const spots = [spot('a', 0), spot('b', 300, '2026-11-24T06:00:00Z')];
    const [area] = blindAreas(spots);
    expect(area?.since).toBe(Date.parse('2026-11-24T06:00:00Z'));
    for (const each of spots)
      expect(metresBetween(each, area ?? HERE)).toBeLessThan(area?.radiusM ?? 0);
  });

  it('shows a lone camera’s sight, and no time where none is known', () => {
    const [area] = blindAreas([spot('a', 0, null)]);
    expect(area).toMatchObject({ radiusM: SIGHT_M, since: null, names: ['Camera a'] });
  });

  it('is empty when every camera sees', () => expect(blindAreas([])).toEqual([]));
});

describe('distances', () => {
  it.each([0, 53, 90, 180, 271])('100 m towards %s° are 100 m', (bearing) => {
    const [lat, lon] = pointAt(HERE, bearing, 100);
    expect(metresBetween(HERE, { lat, lon })).toBeCloseTo(100, 0);
  });
});
