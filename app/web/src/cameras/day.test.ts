import { describe, expect, it } from 'vitest';

import { DAY_MS, dayOf, hoursOf, placeOn } from './day';

const NOW = Date.parse('2026-11-24T05:30:00Z'); // 12:30 in Hà Nội
const HOUR = 3_600_000;
const ago = (hours: number): string => new Date(NOW - hours * HOUR).toISOString();

function span(fromHoursAgo: number, toHoursAgo: number | null, sees: boolean) {
  const until = toHoursAgo === null ? null : ago(toHoursAgo);
  return { since: ago(fromHoursAgo), until, state: '', reason: null, picture: null, sees };
}

function shelf(fromHoursAgo: number, toHoursAgo: number, ended: number | null = null) {
  const ended_at = ended === null ? null : ago(ended);
  return { camera: 'a', set_at: ago(fromHoursAgo), until: ago(toHoursAgo), ended_at };
}

describe('a camera’s day', () => {
  it('tells blind, shelved and unrecorded apart', () => {
    const day = dayOf([span(30, 12, true), span(12, 6, false)], [shelf(3, -5)], 'a', NOW);
    expect(day.stretches).toEqual([
      { kind: 'unrecorded', from: 0.75, to: 1 },
      { kind: 'blind', from: 0.5, to: 0.75 },
      { kind: 'shelved', from: 0.875, to: 1 },
    ]);
    expect([day.blindMs, day.outages, day.shelvedMs]).toEqual([6 * HOUR, 1, 3 * HOUR]);
  });

  it('counts an outage of two states once, and one that goes on until now', () => {
    const day = dayOf([span(4, 3, false), span(3, 2, false), span(1, null, false)], [], 'a', NOW);
    expect([day.outages, day.blindMs]).toEqual([2, 3 * HOUR]);
  });

  it('ends a shelving where somebody ended it, and minds no other camera’s', () => {
    expect(dayOf([], [shelf(6, 0, 4)], 'a', NOW).shelvedMs).toBe(2 * HOUR);
    expect(dayOf([], [shelf(6, 0)], 'b', NOW).shelvedMs).toBe(0);
  });

  it('is unrecorded as a whole where nothing is known', () => {
    expect(dayOf([], [], 'a', NOW).stretches).toEqual([{ kind: 'unrecorded', from: 0, to: 1 }]);
  });

  it('places alerts, and hours by Hà Nội’s clock', () => {
    expect(placeOn(ago(6), NOW)).toBe(0.75);
    expect(placeOn(ago(25), NOW)).toBeNull();
    expect(hoursOf(NOW, 6).map(({ hour }) => hour)).toEqual([18, 0, 6, 12]);
    expect(hoursOf(NOW, 6)[3]?.at).toBeCloseTo(1 - HOUR / 2 / DAY_MS);
  });
});
