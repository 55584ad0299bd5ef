import { describe, expect, it } from 'vitest';

import { unitMarks, type LiveUnit } from './live-units.svelte';

const UNIT: LiveUnit = {
  id: 'xe-1',
  name: 'Xe 1',
  kind: 'fire_engine',
  station: null,
  phone: null,
  status: 'en_route',
  lat: 21.03,
  lon: 105.85,
  position_at: '2026-11-29T00:00:00.000Z',
  agency: null,
  area: null,
  position_age_s: 4,
  road_s: null,
  road_m: null,
  by: null,
};

describe('units on a map', () => {
  it('grow old while no answer comes, and say so after half a minute', () => {
    expect(unitMarks([UNIT], 1000, 1000)[0]).toMatchObject({ ageS: 4, stale: false });
    expect(unitMarks([UNIT], 1000, 28_000)[0]).toMatchObject({ ageS: 31, stale: true });
  });

  it('without a place or out of service are not drawn', () => {
    const lost = { ...UNIT, lat: null };
    const off = { ...UNIT, status: 'off' as const };
    expect(unitMarks([lost, off], 0, 0)).toEqual([]);
  });

  it('of an unknown age are old', () => {
    expect(unitMarks([{ ...UNIT, position_age_s: null }], 0, 0)[0]?.stale).toBe(true);
  });
});
