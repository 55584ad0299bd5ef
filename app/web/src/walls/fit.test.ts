import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { fit, openByPriority, shownLarge } from './fit';

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
    expect(list.map((alert) => alert.id)).toEqual(['new', 'held', 'drill', 'p2']);
  });

  it.each([
    [5, 'large', 5, 0],
    [6, 'small', 6, 0],
    [10, 'small', 10, 0],
    [12, 'small', 10, 2],
  ] as const)('%s alerts are drawn %s', (count, size, drawn, hidden) => {
    const fitted = fit(open(count), 500, HEIGHTS);
    expect(fitted).toMatchObject({ size, hidden, hiddenUrgent: hidden });
    expect(fitted.rows).toHaveLength(drawn);
  });

  it('hides no urgent alert for good: 69 of 203 open ones pass by, page after page', () => {
    const alerts = Array.from({ length: 203 }, (_, i) =>
      madeAlert(i < 69 ? { id: `p1 ${i}` } : { kind: 'crowd', priority: 3 }),
    );
    const list = openByPriority(alerts);
    const turns = Array.from({ length: 8 }, (_, turn) => fit(list, 500, HEIGHTS, turn));
    const seen = new Set(turns.flatMap(({ rows }) => rows.map(({ id }) => id)));
    expect([...seen].filter((id) => id.startsWith('p1')).length).toBe(69);
    expect(turns.every(({ rows }) => rows.length === 10)).toBe(true);
    expect(turns.every(({ rows }) => rows[0] === list[0])).toBe(true);
    expect(turns[2]).toMatchObject({ page: 2, pages: 8, hidden: 193, hiddenUrgent: 59 });
    expect(fit(list, 500, HEIGHTS, 8)).toEqual(turns[0]);
  });

  it('keeps a confirmed fire on every page while panels and P1 pass by', () => {
    const fire = madeAlert({ id: 'warehouse', state: 'confirmed' });
    const out = madeAlert({ id: 'out', state: 'confirmed', condition: 'cleared' });
    const panels = Array.from({ length: 40 }, (_, i) =>
      madeAlert({ id: `panel ${i}`, rule: 'device', corroboration: 'call' }),
    );
    const list = openByPriority([...panels, out, fire]);
    const first = fit(list, 500, HEIGHTS);
    for (let turn = 0; turn < first.pages; turn += 1)
      expect(fit(list, 500, HEIGHTS, turn).rows[0]).toBe(fire);
    const shown = Array.from({ length: first.pages }, (_, i) => fit(list, 500, HEIGHTS, i).rows);
    expect(new Set(shown.flat()).size).toBe(41);
  });

  it('shows more, not larger, where there is room for a second column', () => {
    expect(fit(open(20), 500, HEIGHTS, 0, 2)).toMatchObject({ size: 'small', hidden: 0 });
    expect(fit(open(10), 500, HEIGHTS, 0, 2)).toMatchObject({ size: 'large', hidden: 0 });
  });

  it('shows the newest unanswered P1 large, never a drill or a lesser one', () => {
    const at = (minute: number) => `2026-11-24T07:0${minute}:00Z`;
    const old = madeAlert({ raised_at: at(1) });
    const newest = madeAlert({ raised_at: at(2) });
    const held = madeAlert({ raised_at: at(3), state: 'acknowledged' });
    const drill = madeAlert({ raised_at: at(4), exercise: true });
    const crowd = madeAlert({ raised_at: at(5), kind: 'crowd', priority: 3 });
    expect(shownLarge([old, newest, held, drill, crowd])).toBe(newest);
    expect(shownLarge([held, drill, crowd])).toBe(held);
    const sure = madeAlert({ raised_at: at(0), corroboration: 'device' });
    expect(shownLarge([old, newest, sure, held])).toBe(sure);
    expect(shownLarge([drill, crowd])).toBeNull();
    const panel = { ...newest, id: 'panel', rule: 'device', raised_at: '2027-01-01T00:00:00Z' };
    expect(shownLarge([panel, old])).toBe(old);
    expect(shownLarge([panel, held])).toBe(panel);
  });

  it('draws at least one', () => expect(fit(open(3), 0, HEIGHTS).rows).toHaveLength(1));
});
