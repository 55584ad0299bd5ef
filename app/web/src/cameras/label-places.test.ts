import { describe, expect, it } from 'vitest';

import { labelPlaces, type Named } from './label-places';

const SIZE = 18;

function corner(name: string, x: number, y: number): Named {
  return {
    name,
    points: [
      [x, y],
      [x + 0.1, y + 0.2],
      [x, y + 0.2],
    ],
  };
}

describe('the names of shapes', () => {
  it('stand below each other where shapes share a corner', () => {
    const names = ['Cổng', 'Sân', 'Vỉa hè'].map((name) => corner(name, 0.2, 0.3));
    const rows = labelPlaces(names, 1000, 562, SIZE).map((one) => one.y);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    for (const [i, y] of rows.entries())
      if (i > 0) expect(y - (rows[i - 1] ?? 0)).toBeGreaterThan(SIZE);
  });

  it('leave apart what is apart', () => {
    const [a, b] = labelPlaces([corner('A', 0.1, 0.3), corner('B', 0.6, 0.3)], 1000, 562, SIZE);
    expect(a?.y).toBe(b?.y);
  });

  it('keep within the picture and off what is taken', () => {
    const hour = { left: 0, top: 0, right: 400, bottom: 40 };
    const long = 'Vùng cấm đỗ trước cổng bệnh viện';
    const [top, edge] = labelPlaces(
      [corner('Cổng', 0.01, 0), corner(long, 0.95, 0.99)],
      1000,
      562,
      SIZE,
      [hour],
    );
    expect(top?.y).toBeGreaterThan(40 + SIZE - 1);
    expect(edge?.x).toBeLessThan(1000 - long.length * SIZE * 0.5);
    expect(edge?.y).toBeLessThan(562);
  });
});
