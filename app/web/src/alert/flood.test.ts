import { describe, expect, it } from 'vitest';

import { floodOf } from './flood';
import { madeAlert } from './made';

const NOW = Date.parse('2026-11-24T07:05:00Z');

describe('a flood', () => {
  it('lists every group, the largest first, and what stands alone too', () => {
    const places = ['A', 'B', 'C', 'D', 'E', 'F'];
    const alerts = places.flatMap((place, i) =>
      Array.from({ length: 6 - i }, () => madeAlert({ place, raised_at: '2026-11-24T07:01:00Z' })),
    );
    const { count, flooded, groups } = floodOf(alerts, NOW);
    expect([count, flooded]).toEqual([21, true]);
    expect(groups.map(({ place, count: many }) => `${place}${many}`)).toEqual([
      'A6',
      'B5',
      'C4',
      'D3',
      'E2',
      'F1',
    ]);
  });

  it('counts neither what is older than ten minutes nor a drill', () => {
    const old = madeAlert({ raised_at: '2026-11-24T06:54:59Z' });
    expect(floodOf([old, madeAlert({ exercise: true })], NOW).count).toBe(0);
  });

  it('begins above ten in ten minutes', () => {
    const many = (count: number) =>
      Array.from({ length: count }, () => madeAlert({ raised_at: '2026-11-24T07:01:00Z' }));
    expect(floodOf(many(10), NOW)).toMatchObject({ count: 10, flooded: false });
    expect(floodOf(many(11), NOW)).toMatchObject({ count: 11, flooded: true });
  });
});
