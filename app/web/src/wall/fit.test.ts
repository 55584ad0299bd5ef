import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alerts/made';
import { fit, openByPriority, rowPx } from './fit';

const HEIGHTS = { largePx: 100, smallPx: 50 };

function open(count: number) {
  return Array.from({ length: count }, (_, i) => madeAlert({ id: String(i) }));
}

describe('the wall’s list', () => {
  it('never lets a held P1 fall behind a lesser alert', () => {
    const list = openByPriority([
      madeAlert({ id: 'p2', kind: 'intrusion', priority: 2 }),
      madeAlert({ id: 'held', state: 'acknowledged' }),
      madeAlert({ id: 'camera', kind: 'camera_offline', priority: 1 }),
      madeAlert({ id: 'new' }),
      madeAlert({ id: 'over', state: 'closed' }),
      madeAlert({ id: 'drill', exercise: true }),
    ]);
    expect(list.map((alert) => alert.id)).toEqual(['new', 'held', 'drill', 'p2', 'camera']);
  });

  it.each([
    [5, 'large', 5, 0],
    [6, 'small', 6, 0],
    [10, 'small', 10, 0],
    [12, 'small', 9, 3],
  ] as const)('%s alerts are drawn %s', (count, size, drawn, hidden) => {
    const fitted = fit(open(count), 500, HEIGHTS);
    expect(fitted).toMatchObject({ size, hidden, hiddenUrgent: hidden });
    expect(fitted.rows).toHaveLength(drawn);
  });

  it.each([
    [1, 140],
    [6, 133],
    [9, 88],
    [20, 70],
  ])('gives each of %s rows %s pixels', (count, px) => expect(rowPx(count, 800, 70, 140)).toBe(px));

  it('draws at least one', () => expect(fit(open(3), 0, HEIGHTS).rows).toHaveLength(1));
});
