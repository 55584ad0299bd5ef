/** One happening, one row: all its sources stand in it, and a new one is never silently in taken work. */

import { beforeEach, expect, it, vi } from 'vitest';

import { madeAlert } from '../alert/made';
import { NOBODY, OFFICER, newest, night, warehouse } from './made-night';
import { isAskedAbout, questionsOf } from './open-questions';

beforeEach(() => {
  const memory = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  vi.stubGlobal('localStorage', memory);
  vi.stubGlobal('sessionStorage', memory);
  vi.stubGlobal('document', { querySelector: () => null });
});

async function deskOf() {
  const { Watch } = await import('./watch.svelte');
  const { Desk } = await import('./desk.svelte');
  const { alerts, incident } = warehouse();
  const watch = new Watch(NOBODY, false);
  watch.loading = 'ready';
  watch.incidents.learn(incident);
  watch.learn(...night(), ...alerts);
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  return { desk, watch, incident };
}

it('three sources of one fire are one row, led by the one that nobody has answered', async () => {
  const { desk } = await deskOf();
  const rows = desk.board.rows.filter(({ id }) =>
    desk.sourcesOf(id).some(({ id: own }) => own === 'hall'),
  );
  expect(rows.map(({ id, group }) => [id, group])).toEqual([['vv', 'unanswered']]);
  expect(
    desk
      .sourcesOf('vv')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['gable', 'hall', 'panel']);
  desk.choose('vv');
  expect([desk.selectedId, desk.rowId]).toEqual(['panel', 'vv']);
});

it('another source is displayed without another row', async () => {
  const { desk } = await deskOf();
  desk.choose('hall');
  expect([desk.selectedId, desk.rowId, desk.incident?.number]).toEqual(['hall', 'vv', 'VV-1']);
  const index = desk.board.rows.findIndex(({ id }) => id === 'vv');
  desk.step(1);
  expect(desk.rowId).toBe(desk.board.rows[index + 1]?.id);
});

it('a new source comes into taken work as waiting, and the row stays where it is', async () => {
  const { desk, watch, incident } = await deskOf();
  watch.learn({ ...(desk.alert('panel') ?? madeAlert()), state: 'acknowledged', version: 2 });
  desk.letIn();
  expect(desk.board.rows.find(({ id }) => id === 'vv')?.group).toBe('working');
  desk.choose('gate');
  const joined = { type: 'alert' as const, id: 'new', joined_at: '', by: null };
  watch.incidents.learn({ ...incident, version: 2, members: [...incident.members, joined] });
  watch.learn(newest());
  desk.settle();
  expect(desk.board.returned).toEqual(['vv']);
  expect(desk.waitingUrgent.map(({ id }) => id)).toEqual(['new']);
});

it('a row stays where it is when its incident is told after it', async () => {
  const { Watch } = await import('./watch.svelte');
  const { Desk } = await import('./desk.svelte');
  const { alerts, incident } = warehouse();
  const watch = new Watch(NOBODY, false);
  watch.loading = 'ready';
  watch.learn(...night(), ...alerts);
  const desk = new Desk(watch, OFFICER);
  desk.settle();
  desk.choose('panel');
  const index = desk.board.rows.findIndex(({ id }) => id === 'panel');
  watch.incidents.learn(incident);
  desk.settle();
  expect([desk.board.rows[index]?.id, desk.selectedId, desk.rowId]).toEqual(['vv', 'panel', 'vv']);
  expect(desk.board.rows.every(({ id }) => desk.sourcesOf(id).length > 0)).toBe(true);
  expect([desk.board.held, desk.board.left]).toEqual([[], 0]);
});

it('a separated source is a row of its own again', async () => {
  const { desk, watch, incident } = await deskOf();
  const members = incident.members.filter(({ id }) => id !== 'panel');
  watch.incidents.learn({ ...incident, version: 2, members });
  desk.letIn();
  expect(desk.board.rows.some(({ id }) => id === 'panel')).toBe(true);
  expect(desk.sourcesOf('vv')).toHaveLength(2);
});

it('what is to be looked at stands in the same list, last', async () => {
  const { desk, watch } = await deskOf();
  watch.learn(madeAlert({ id: 'doubt', priority: 3 }));
  desk.letIn();
  expect(desk.board.rows.at(-1)).toEqual({ id: 'doubt', group: 'review' });
});

it('closing asks about sources without a verdict, units that are out and blind cameras', () => {
  const { alerts } = warehouse();
  const out = { unit: 'xe-1', told: 'Xe 1', ended_at: null };
  const left = { ...out, told: 'Xe 2', ended_at: '2026-11-24T07:09:00Z' };
  const detail = { assignments: [out, left, { ...out, unit: null, told: '114' }] } as never;
  const asked = questionsOf(alerts, detail, new Set(['th-7']));
  expect(asked.unsettled.map(({ id }) => id)).toEqual(['gable', 'panel']);
  expect(asked.burning.map(({ id }) => id)).toEqual(['hall']);
  expect([asked.units, asked.blind.length]).toEqual([['Xe 1'], 1]);
  expect(isAskedAbout(questionsOf([], null, new Set()))).toBe(false);
});
