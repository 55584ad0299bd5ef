import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { rowOf } from '../desk/made-night';
import { entriesOf, entryOfAlert, type Entry } from '../incidents/entries';
import type { Row } from '../incidents/incident';
import type { Alert } from '../api/types';
import { fit, shownLarge } from './fit';

const HEIGHTS = { largePx: 100, smallPx: 50 };
const list = (alerts: readonly Alert[], rows: readonly Row[] = []): readonly Entry[] => {
  const joined = new Set(rows.flatMap(({ sources }) => sources.map(({ id }) => id)));
  return entriesOf(alerts, { rows, isFresh: (id) => !joined.has(id), rowFor: () => null });
};
const open = (count: number) =>
  Array.from({ length: count }, (_, i) => entryOfAlert(madeAlert({ id: String(i) })));
const ids = (entries: readonly Entry[]) => entries.map(({ id }) => id);
const burning = { urgency: 0, section: 'working', state: 'confirmed' } as const;

describe('the wall’s list', () => {
  it('never lets a held P1 fall behind a lesser alert', () => {
    const entries = list([
      madeAlert({ id: 'p2', kind: 'intrusion', priority: 2 }),
      madeAlert({ id: 'held', state: 'acknowledged' }),
      madeAlert({ id: 'camera', kind: 'camera_offline', priority: 1 }),
      madeAlert({ id: 'new' }),
      madeAlert({ id: 'over', state: 'closed' }),
      madeAlert({ id: 'drill', exercise: true }),
    ]);
    expect(ids(entries)).toEqual(['new', 'held', 'drill', 'p2']);
  });

  it('shows an incident of many sources as one row, in the centre’s order', () => {
    const panels = Array.from({ length: 40 }, (_, i) =>
      madeAlert({ id: `panel ${i}`, rule: 'device' }),
    );
    const fire = madeAlert({ id: 'hall', state: 'confirmed' });
    const rows = [
      rowOf(['hall'], { id: 'warehouse', ...burning }),
      rowOf(ids(list(panels)), { id: 'market', urgency: 1, holder: null }),
      rowOf([], { id: 'call', urgency: 2, holder: null }),
    ];
    const entries = list([...panels, fire, madeAlert({ id: 'news' })], rows);
    expect(ids(entries)).toEqual(['warehouse', 'market', 'call', 'news']);
    expect(entries.map(({ isAnswered }) => isAnswered)).toEqual([true, false, false, false]);
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

  it('hides no P1 for good: 69 of 203 open ones pass by, page after page', () => {
    const entries = list(
      Array.from({ length: 203 }, (_, i) =>
        madeAlert(i < 69 ? { id: `p1 ${i}` } : { kind: 'crowd', priority: 3 }),
      ),
    );
    const turns = Array.from({ length: 8 }, (_, turn) => fit(entries, 500, HEIGHTS, turn));
    const shown = new Set(turns.flatMap(({ rows }) => ids(rows)));
    expect([...shown].filter((id) => id.startsWith('p1')).length).toBe(69);
    expect(turns.every(({ rows }) => rows.length === 10)).toBe(true);
    expect(turns.every(({ rows }) => rows[0] === entries[0])).toBe(true);
    expect(turns[2]).toMatchObject({ page: 2, pages: 8, hidden: 193, hiddenUrgent: 59 });
    expect(fit(entries, 500, HEIGHTS, 8)).toEqual(turns[0]);
  });

  it('keeps a confirmed fire on every page while panels and P1 pass by', () => {
    const panels = Array.from({ length: 40 }, (_, i) =>
      madeAlert({ id: `panel ${i}`, rule: 'device', corroboration: 'call' }),
    );
    const held = madeAlert({ id: 'held', state: 'acknowledged' });
    const rows = [rowOf(['hall'], { id: 'warehouse', ...burning })];
    const hall = madeAlert({ id: 'hall', state: 'confirmed' });
    const entries = list([...panels, held, hall], rows);
    const { pages } = fit(entries, 500, HEIGHTS);
    const shown = Array.from({ length: pages }, (_, turn) => fit(entries, 500, HEIGHTS, turn).rows);
    expect(shown.map(([first]) => first?.id)).toEqual(Array(pages).fill('warehouse'));
    expect(new Set(shown.flatMap(ids)).size).toBe(42);
  });

  it('hides no confirmed fire for good where more burn than there is room for', () => {
    const rows = Array.from({ length: 9 }, (_, i) => rowOf([], { id: `fire ${i}`, ...burning }));
    const entries = list([], rows);
    const turns = Array.from({ length: 9 }, (_, turn) => fit(entries, 200, HEIGHTS, turn).rows);
    expect(new Set(turns.flatMap(ids)).size).toBe(9);
    expect(turns.every(({ length }) => length === 4)).toBe(true);
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
    const large = (...alerts: readonly Alert[]) => shownLarge(alerts.map(entryOfAlert));
    expect(large(old, newest, held, drill, crowd)).toBe(newest);
    expect(large(held, drill, crowd)).toBe(held);
    const sure = madeAlert({ raised_at: at(0), corroboration: 'device' });
    expect(large(old, newest, sure, held)).toBe(sure);
    expect(large(drill, crowd)).toBeNull();
    const panel = { ...newest, id: 'panel', rule: 'device', raised_at: '2027-01-01T00:00:00Z' };
    expect(large(panel, old)).toBe(old);
    expect(large(panel, held)).toBe(panel);
    expect(shownLarge(list([], [rowOf([], { id: 'call', urgency: 2, holder: null })]))).toBeNull();
  });

  it('draws at least one', () => expect(fit(open(3), 0, HEIGHTS).rows).toHaveLength(1));
});
