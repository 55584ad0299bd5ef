/** What waits for a person: one order for head band, list, title, sound, key and wall. */

import { beforeEach, expect, it, vi } from 'vitest';

import { madeAlert } from '../alert/made';
import { BINH, OFFICER, night, rowOf, watchOf } from '../desk/made-night';
import { isUntaken } from './entries';
import type { Row } from './incident';

const MINE = { username: 'an', name: 'An' };
const place = { text: 'Chợ', ward: null, lat: null, lon: null };
const opened_at = '2026-11-24T07:01:00.000Z';
const source = (part: object) => ({ type: 'call', kind: 'call', at: '', verdict: null, ...part });

/** My confirmed fire, to which a call came that nobody has seen. */
function grown(part: Partial<Row> = {}): Row {
  const sources = [
    source({ id: 'seen', type: 'alert', kind: 'camera', unseen_since: null }),
    source({ id: 'call', unseen_since: '2026-11-24T07:01:50.000Z' }),
  ] as unknown as Row['sources'];
  const stands = { section: 'waiting', urgency: 0, holder: MINE, opened_at } as const;
  return rowOf([], { id: 'mine-grows', ...stands, sources, place, ...part });
}

const untaken = (id: string, ids: readonly string[], part: Partial<Row> = {}): Row =>
  rowOf(ids, { id, urgency: 2, holder: null, place, opened_at, ...part });

beforeEach(() => {
  const memory = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  vi.stubGlobal('localStorage', memory);
  vi.stubGlobal('sessionStorage', memory);
  vi.stubGlobal('document', { querySelector: () => null });
});

async function urgentOf(...rows: Row[]) {
  const alerts = [
    madeAlert({ id: 'seen', state: 'confirmed', owner: MINE }),
    madeAlert({ id: 'fire' }),
    madeAlert({ id: 'drill', exercise: true }),
  ];
  return watchOf(alerts, rows);
}
const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

it('an untaken fire stands before what is new in work that somebody holds, a drill last', async () => {
  const watch = await urgentOf(
    grown(),
    untaken('drilled', ['drill'], { urgency: 1 }),
    untaken('burns', ['fire']),
  );
  expect(ids(watch.urgent)).toEqual(['burns', 'mine-grows', 'drilled']);
  expect(ids(watch.urgent.filter(isUntaken))).toEqual(['burns']);
});

it('what was seen of its kind calls nobody again', async () => {
  const sources = [
    source({ id: 'seen', type: 'alert', kind: 'camera', unseen_since: null }),
    source({ id: 'again', type: 'alert', kind: 'camera', unseen_since: opened_at }),
  ] as unknown as Row['sources'];
  const watch = await urgentOf(grown({ sources }));
  expect(watch.urgent).toEqual([]);
});

it('a row that is mine is never counted as nobody’s', async () => {
  const watch = await watchOf([madeAlert({ id: 'seen', state: 'confirmed' })], [grown()]);
  expect([watch.untaken, watch.entries[0]?.isAnswered]).toEqual([0, true]);
  const { Desk } = await import('../desk/desk.svelte');
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  expect(desk.board.rows.map(({ id, group }) => [id, group])).toContainEqual([
    'mine-grows',
    'working',
  ]);
});

it('N leads to each P1 that waits, the untaken ones first', async () => {
  const { Desk } = await import('../desk/desk.svelte');
  const rows = [grown(), untaken('burns', ['fire']), untaken('called', [])];
  const watch = await watchOf([...night(), madeAlert({ id: 'fire' })], rows);
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  desk.choose('gate');
  const led = [1, 2].map(() => (desk.showHeld(), desk.rowId));
  desk.show('closed');
  desk.showHeld();
  expect([...led, desk.filter]).toEqual([ids(watch.urgent)[0], ids(watch.urgent)[1], 'open']);
  expect(ids(watch.urgent).at(-1)).toBe('mine-grows');
});

it('a colleague’s work with news is not shown over what is looked at', async () => {
  const { Desk } = await import('../desk/desk.svelte');
  const watch = await watchOf(
    night().filter(({ priority }) => priority > 1),
    [grown({ holder: BINH })],
  );
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  desk.choose('gate');
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  desk.settle();
  expect([desk.selectedId, ids(desk.waitingUrgent)]).toEqual(['gate', ['mine-grows']]);
});
