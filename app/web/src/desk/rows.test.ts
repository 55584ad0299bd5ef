/** One happening, one row: all its sources stand in it, and a new one is never silently in taken work. */

import { beforeEach, expect, it, vi } from 'vitest';

import { madeAlert } from '../alert/made';
import { FILTERS } from '../alert/triage';
import type { Alert } from '../api/types';
import type { Row } from '../incidents/incident';
import {
  BINH,
  LEADER,
  listOf,
  NOBODY,
  OFFICER,
  newest,
  night,
  rowOf,
  warehouse,
  watchOf,
} from './made-night';

beforeEach(() => {
  const memory = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  vi.stubGlobal('localStorage', memory);
  vi.stubGlobal('sessionStorage', memory);
  vi.stubGlobal('document', { querySelector: () => null });
});

async function deskOf() {
  const { Desk } = await import('./desk.svelte');
  const { alerts, incident } = warehouse();
  const all = [...night(), ...alerts];
  const watch = await watchOf(all, [incident]);
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  const list = (...rows: Row[]) => watch.worklist.take([listOf([...watch.alerts], rows)]);
  return { desk, watch, incident, list };
}

it('three sources of one fire are one row, named by the one that was confirmed', async () => {
  const { desk } = await deskOf();
  const rows = desk.board.rows.filter(({ id }) =>
    desk.sourcesOf(id).some(({ id: own }) => own === 'hall'),
  );
  expect(rows.map(({ id, group }) => [id, group])).toEqual([['vv', 'working']]);
  expect(
    desk
      .sourcesOf('vv')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['gable', 'hall', 'panel']);
  desk.choose('vv');
  expect([desk.selectedId, desk.rowId]).toEqual(['hall', 'vv']);
});

it('a confirmed call names its row although a panel joins it', async () => {
  const { desk, list } = await deskOf();
  const call = { type: 'call', kind: 'call', id: 'c1', at: '', verdict: 'true' };
  const row = rowOf(['panel']);
  await list({ ...row, sources: [...row.sources, call] } as unknown as Row);
  desk.choose('vv');
  expect(desk.selectedId).toBe('c1');
});

it('another source is displayed without another row', async () => {
  const { desk } = await deskOf();
  desk.choose('hall');
  expect([desk.selectedId, desk.rowId, desk.incident?.number]).toEqual(['hall', 'vv', 'VV-1']);
  const index = desk.board.rows.findIndex(({ id }) => id === 'vv');
  desk.step(-1);
  expect(desk.rowId).toBe(desk.board.rows[index - 1]?.id);
});

it('a new source in taken work waits above the list, and the row is nobody’s less', async () => {
  const { desk, watch, incident, list } = await deskOf();
  await list({ ...incident, section: 'working', unseen: 0 });
  desk.letIn();
  desk.choose('gate');
  watch.learn(newest());
  await list(rowOf(['new', 'panel', 'gable', 'hall']));
  desk.settle();
  expect(desk.board.returned).toEqual([]);
  expect(desk.board.rows.find(({ id }) => id === 'vv')?.group).toBe('working');
  expect(desk.waitingUrgent.map(({ id }) => id)).toEqual(['vv']);
});

it('an alert stands on the list before the centre has its row, and then in its row', async () => {
  const { desk, watch, list, incident } = await deskOf();
  watch.learn(newest());
  desk.letIn();
  desk.choose('new');
  const index = desk.board.rows.findIndex(({ id }) => id === 'new');
  expect(index).toBeGreaterThanOrEqual(0);
  await list(incident, rowOf(['new'], { id: 'v2' }));
  desk.settle();
  expect([desk.board.rows[index]?.id, desk.selectedId, desk.rowId]).toEqual(['v2', 'new', 'v2']);
  expect([desk.board.held, desk.board.left]).toEqual([[], 0]);
});

it('a list that does not come hides no alert', async () => {
  const { Watch } = await import('./watch.svelte');
  const { Desk } = await import('./desk.svelte');
  const watch = new Watch(NOBODY, false);
  watch.loading = 'ready';
  vi.spyOn(watch.worklist, 'load').mockResolvedValue();
  watch.learn(...night());
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  expect(desk.board.rows.map(({ id }) => id)).toEqual(expect.arrayContaining(['first', 'gate']));
});

it('a separated source is a row of its own again', async () => {
  const { desk, list } = await deskOf();
  await list(rowOf(['gable', 'hall']));
  desk.letIn();
  expect(desk.board.rows.some(({ id }) => id === 'panel')).toBe(true);
  expect(desk.sourcesOf('vv')).toHaveLength(2);
});

it('a row that ended stays where it is until the list moves', async () => {
  const { desk, list } = await deskOf();
  desk.choose('gate');
  await list();
  desk.settle();
  expect(desk.board.rows.some(({ id }) => id === 'vv')).toBe(true);
  expect(desk.watch.worklist.get('vv')?.state).toBe('closed');
});

it('an incident of calls alone is a row, and is taken and judged', async () => {
  const { desk, list, incident } = await deskOf();
  const call = { type: 'call', kind: 'call', id: 'c1', at: '', verdict: null, text: 'khói' };
  const told = { ...rowOf([], { id: 'v3', kind: 'fire' }), sources: [call] } as unknown as Row;
  await list(incident, told);
  desk.letIn();
  desk.choose('v3');
  expect([desk.selectedId, desk.rowId, desk.selected]).toEqual(['c1', 'v3', null]);
  expect([desk.source?.text, desk.reasons[0]]).toEqual(['khói', 'hoax']);
});

it('what is to be looked at stands in the same list, last', async () => {
  const { desk, watch } = await deskOf();
  watch.learn(madeAlert({ id: 'doubt', priority: 3 }));
  desk.letIn();
  expect(desk.board.rows.at(-1)).toMatchObject({ id: 'doubt', group: 'review' });
});

it.each(FILTERS)('the number of %s is that of its rows, in every state', async (filter) => {
  const { Watch } = await import('./watch.svelte');
  const { Desk } = await import('./desk.svelte');
  const by = { verdict_by: BINH, owner: BINH };
  const states: readonly Partial<Alert>[] = [
    { state: 'new' },
    { state: 'acknowledged', owner: BINH },
    { state: 'acknowledged', owner: BINH, cosign_wanted_by: BINH },
    { state: 'confirmed', ...by },
    { state: 'rejected', ...by, reject_reason: 'steam' },
    { state: 'closed', ...by },
    { state: 'closed', ...by, condition: 'cleared' },
  ];
  const alerts = ['alone', 'open', 'mixed', 'ended'].flatMap((where) =>
    states.flatMap((part, i) =>
      [1, 2, 3].map((priority) =>
        madeAlert({ ...part, id: `${where} ${priority} ${i}`, priority }),
      ),
    ),
  );
  alerts.push(madeAlert({ id: 'fault', kind: 'camera_offline' }));
  alerts.push(madeAlert({ id: 'shelved', shelf: 's1', priority: 2 } as Partial<Alert>));
  const ids = (where: string) =>
    alerts.filter(({ id }) => id.startsWith(where)).map(({ id }) => id);
  const opened = ['open', 'mixed'].map((id) => rowOf(ids(id), { id }));
  const watch = new Watch(NOBODY, false);
  watch.loading = 'ready';
  vi.spyOn(watch.worklist, 'load').mockResolvedValue();
  watch.learn(...alerts);
  await watch.worklist.take([listOf([], [...opened, rowOf(ids('ended'), { id: 'ended' })])]);
  const alone = alerts.filter(({ id, state, kind, shelf }) => {
    const isListed = state !== 'rejected' && kind === 'fire' && shelf === null;
    return id.startsWith('alone') && isListed;
  });
  await watch.worklist.take([listOf(alone, opened)]);
  const desk = new Desk(watch, LEADER);
  desk.show(filter);
  expect(desk.board.rows.length).toBe(desk.counts[filter]);
  expect(new Set(desk.board.rows.map(({ id }) => id)).size).toBe(desk.counts[filter]);
});

it('what was rejected alone is listed as done, and what came out of an ended row by itself', async () => {
  const { desk, watch } = await deskOf();
  const rejected = madeAlert({ id: 'steam', state: 'rejected', verdict_by: BINH });
  watch.learn(rejected, madeAlert({ id: 'freed', state: 'confirmed', priority: 2 }));
  await watch.worklist.take([listOf([], [rowOf(['freed'], { id: 'v9' })])]);
  await watch.worklist.take([
    listOf(
      watch.alerts.filter(({ id }) => id === 'freed'),
      [],
    ),
  ]);
  expect(watch.worklist.rowOf('freed')).toBe('freed');
  desk.show('closed');
  expect(desk.board.rows.map(({ id }) => id)).toContain('steam');
});

it('a confirmed fire names its row also while its leader has a panel of it to sign', async () => {
  const { titledBy } = await import('./open-rows');
  const { Desk } = await import('./desk.svelte');
  const { alerts, incident } = warehouse();
  const all = alerts.map((one) =>
    one.id === 'panel' ? { ...one, cosign_wanted_by: BINH, state: 'acknowledged' as const } : one,
  );
  const desk = new Desk(await watchOf(all, [incident]), LEADER);
  const found = desk.sourcesOf('vv');
  expect(found[0]?.id).toBe('panel');
  expect(titledBy(incident, found)?.id).toBe('hall');
});
