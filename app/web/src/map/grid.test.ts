import { describe, expect, it } from 'vitest';

import { gridOf } from './grid';

describe('the grid', () => {
  it('has round steps and lines within the bounds', () => {
    const bounds = { south: 21.02, north: 21.04, west: 105.83, east: 105.88 };
    const grid = gridOf(bounds);
    expect(grid.stepM).toBe(250);
    expect(grid.lats.length).toBeGreaterThan(5);
    expect(grid.lats.every((lat) => lat >= bounds.south && lat <= bounds.north)).toBe(true);
    expect(grid.lons.every((lon) => lon >= bounds.west && lon <= bounds.east)).toBe(true);
  });

  it('gives nothing for nothing', () => {
    const grid = gridOf({ south: 21, north: 21, west: 105, east: 105 });
    expect([grid.lats, grid.lons]).toEqual([[], []]);
  });

  it('stays bounded over the whole world', () => {
    const grid = gridOf({ south: -80, north: 80, west: -180, east: 180 });
    expect(grid.lats.length).toBeLessThanOrEqual(100);
    expect(grid.lons.length).toBeLessThanOrEqual(100);
  });
});
