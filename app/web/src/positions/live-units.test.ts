import { describe, expect, it, vi } from 'vitest';

import { api } from '../api/client';
import { liveUnits, unitMarks, type LiveUnit } from './live-units.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

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

it('one map after another is one who asks, however often they change', async () => {
  vi.useFakeTimers();
  const asked = vi
    .spyOn(api, 'send')
    .mockImplementation(
      () =>
        new Promise((answer) => setTimeout(() => answer(Response.json({ items: [UNIT] })), 100)),
    );
  let leave = liveUnits.look();
  for (let change = 0; change < 5; change++) {
    leave();
    leave = liveUnits.look(); // the last answer is still on its way
  }
  await vi.advanceTimersByTimeAsync(1000);
  asked.mockClear();
  await vi.advanceTimersByTimeAsync(16_000);
  expect(asked).toHaveBeenCalledTimes(10); // every 1.6 s
  leave();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveBeenCalledTimes(10);
  vi.useRealTimers();
});
