/** Rows stand still, but a P1 passes: at once where nobody is at work, else it waits above the list. */

import { beforeEach, expect, it, vi } from 'vitest';

import { REST_MS } from './board';
import type { Row } from '../incidents/incident';
import { BINH, listOf, NOBODY, OFFICER, newest, night, rowOf } from './made-night';

let now = Date.parse('2026-11-24T07:02:00.000Z');
let dialog: object | null = null;

beforeEach(() => {
  const memory = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  vi.stubGlobal('localStorage', memory);
  vi.stubGlobal('sessionStorage', memory);
  vi.stubGlobal('document', { querySelector: () => dialog });
  dialog = null;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
});

async function deskOf(chosen: string) {
  const { Watch } = await import('./watch.svelte');
  const { Desk } = await import('./desk.svelte');
  const watch = new Watch(NOBODY, false);
  watch.loading = 'ready';
  vi.spyOn(watch.worklist, 'load').mockResolvedValue();
  await watch.worklist.take([listOf([], [])]);
  watch.learn(...night().filter(({ id }) => !['first', 'second', 'third'].includes(id)));
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  desk.choose(chosen);
  return { desk, watch };
}

it.each(['gate', 'mine', 'real'])('a new P1 is shown at once over %s', async (chosen) => {
  const { desk, watch } = await deskOf(chosen);
  now += REST_MS;
  watch.learn(newest());
  desk.settle();
  expect([desk.board.rows[0]?.id, desk.selectedId]).toEqual(['new', 'new']);
});

it('waits above the list, with its place, while somebody is at work', async () => {
  const { desk, watch } = await deskOf('gate');
  watch.learn(newest());
  desk.settle();
  expect(desk.selectedId).toBe('gate');
  expect(desk.waitingUrgent.map(({ id }) => id)).toEqual(['new']);
  now += REST_MS;
  dialog = {};
  desk.settle();
  expect(desk.selectedId).toBe('gate');
  dialog = null;
  desk.settle();
  expect(desk.selectedId).toBe('new');
});

it('takes nobody from a P1 that is looked at', async () => {
  const { desk, watch } = await deskOf('gate');
  watch.learn({ ...newest(), id: 'earlier', raised_at: '2026-11-24T07:01:20.000Z' });
  desk.showHeld();
  now += REST_MS;
  watch.learn(newest());
  desk.settle();
  expect(desk.selectedId).toBe('earlier');
  expect(desk.board.rows.some(({ id }) => id === 'new')).toBe(true);
});

it('stays displayed where an older P1 stands above it', async () => {
  const { desk, watch } = await deskOf('gate');
  watch.learn({ ...newest(), id: 'earlier', raised_at: '2026-11-24T07:01:20.000Z' });
  desk.letIn();
  desk.choose('gate');
  now += REST_MS;
  watch.learn(newest());
  for (let times = 0; times < 3; times += 1) desk.settle();
  expect([desk.board.rows[0]?.id, desk.selectedId]).toEqual(['earlier', 'new']);
});

/** An ambulance is called for: a row of a call alone. */
function called(part: Partial<Row> = {}): Row {
  const place = { text: '143 Láng Hạ', ward: null, lat: null, lon: null };
  const call = { type: 'call', kind: 'call', id: 'call', at: '', verdict: null };
  const sources = [call] as unknown as Row['sources'];
  const opened_at = '2026-11-24T07:01:50.000Z';
  return rowOf([], { kind: 'medical', holder: null, place, sources, opened_at, ...part });
}

it('a P1 that was called in is shown at once, and waits with its place where somebody works', async () => {
  const { desk, watch } = await deskOf('gate');
  await watch.worklist.take([listOf(watch.alerts, [called()])]);
  desk.settle();
  expect(desk.selectedId).toBe('gate');
  expect(desk.waitingUrgent.map(({ row }) => row?.place.text)).toEqual(['143 Láng Hạ']);
  now += REST_MS;
  desk.settle();
  expect([desk.rowId, desk.selectedId]).toEqual(['vv', 'call']);
  desk.search('kho bạc');
  expect(desk.hiddenUrgent).toBe(1);
});

it.each([{ priority: 2 }, { holder: BINH }] as const)('a call of %o waits', async (part) => {
  const { desk, watch } = await deskOf('gate');
  now += REST_MS;
  await watch.worklist.take([listOf(watch.alerts, [called(part)])]);
  desk.settle();
  expect([desk.selectedId, desk.waitingUrgent]).toEqual(['gate', []]);
});

it('lets nothing less in', async () => {
  const { desk, watch } = await deskOf('gate');
  now += REST_MS * 9;
  watch.learn({ ...newest(), kind: 'intrusion', priority: 2 });
  desk.settle();
  expect(desk.board.held).toEqual(['new']);
});
