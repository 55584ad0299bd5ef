/** A night's alerts and who answers them, made for the tests of the desk. */

import { vi } from 'vitest';

import { madeAlert } from '../alert/made';
import type { Alert, User } from '../api/types';
import { compareForTriage, groupOf } from '../alert/triage';
import type { Row, WorklistPage } from '../incidents/incident';
import type { WatchListener } from './watch.svelte';

export const OFFICER = { username: 'an', name: 'An', roles: ['operator'] } as unknown as User;
export const LEADER = { ...OFFICER, roles: ['leader'] } as unknown as User;
const MINE = { username: 'an', name: 'An' };
export const BINH = { username: 'binh', name: 'Binh' };
const GATE = { kind: 'intrusion', priority: 2, place: 'Hai Bà Trưng', rule: 'gate' };

export function night(): Alert[] {
  const at = (second: number) => `2026-11-24T07:01:${second}.000Z`;
  const of = (id: string, second: number, part: Partial<Alert> = {}): Alert =>
    madeAlert({ id, raised_at: at(second), place: 'Cửa Nam', ...part });
  return [
    of('first', 10),
    of('second', 11),
    of('third', 12),
    of('mine', 13, { state: 'acknowledged', owner: MINE, camera: 'th-2' }),
    of('his', 14, { state: 'acknowledged', owner: BINH, camera: 'th-3' }),
    of('gate', 15, { ...GATE, camera: 'th-4' }),
    of('waits', 16, { ...GATE, state: 'acknowledged', owner: BINH, cosign_wanted_by: BINH }),
    of('real', 17, { ...GATE, state: 'confirmed', owner: MINE, verdict_by: MINE }),
    of('over', 18, { state: 'closed', verdict_by: MINE }),
  ];
}

/** The warehouse: two cameras and a panel tell of one fire, which a colleague confirmed at one of them. */
export function warehouse(): { readonly alerts: Alert[]; readonly incident: Row } {
  const fire = { place: 'Cửa Nam', raised_at: '2026-11-24T07:01:20.000Z' };
  const alerts = [
    madeAlert({ ...fire, id: 'hall', state: 'confirmed', owner: MINE, verdict_by: MINE }),
    madeAlert({ ...fire, id: 'gable', state: 'acknowledged', owner: MINE, camera: 'th-7' }),
    madeAlert({ ...fire, id: 'panel', rule: 'device', camera: 'panel-5' }),
  ];
  return { alerts, incident: rowOf(['panel', 'gable', 'hall']) };
}

/** An incident of these alerts, of which the first waits. */
export function rowOf(ids: readonly string[], part: Partial<Row> = {}): Row {
  const sources = ids.map((id) => ({ type: 'alert', kind: 'camera', id, at: '', verdict: null }));
  const source_counts = [{ kind: 'camera', count: ids.length }];
  const stands = { section: 'waiting', state: 'new', urgency: 9, unseen: 1, holder: MINE };
  const named = { type: 'incident', id: 'vv', number: 'VV-1', kind: 'fire', priority: 1 };
  const place = { text: 'Kho', ward: null, lat: null, lon: null };
  return {
    ...named,
    ...stands,
    place,
    version: 1,
    sources,
    source_counts,
    ...part,
  } as unknown as Row;
}

/** What the centre lists of a night: these incidents, and the alerts that are in none. */
export function listOf(alerts: readonly Alert[], incidents: readonly Row[]): WorklistPage {
  const joined = new Set(incidents.flatMap(({ sources }) => sources.map(({ id }) => id)));
  const alone = alerts.filter(({ id, state }) => !joined.has(id) && state !== 'closed');
  const light = [...alone].sort(compareForTriage).map((alert) => {
    const group = groupOf(alert);
    const section = group === 'unanswered' ? 'waiting' : group === 'working' ? 'working' : 'look';
    const { id, urgency, place: text, owner: holder } = alert;
    const empty = { number: null, sources: [], source_counts: [] };
    return { type: 'alert', id, alert, urgency, section, holder, place: { text }, ...empty };
  });
  const counts = { waiting: 0, working: 0, look: 0 };
  const blind = { total: 0, near_incidents: 0, cameras: [] };
  const items = [...incidents, ...light] as WorklistPage['items'];
  return { items, next: null, counts, blind, faults: 0 };
}

/** A watch that has its lists, and asks for nothing. */
export async function watchOf(alerts: readonly Alert[], incidents: readonly Row[]) {
  const { Watch } = await import('./watch.svelte');
  const watch = new Watch(NOBODY, false);
  watch.loading = 'ready';
  vi.spyOn(watch.worklist, 'load').mockResolvedValue();
  watch.learn(...alerts);
  await watch.worklist.take([listOf(alerts, incidents)]);
  return watch;
}

/** A P1 of the first ones' ward that comes when the list stands. */
export function newest(): Alert {
  return madeAlert({ id: 'new', raised_at: '2026-11-24T07:01:59.000Z', place: 'Cửa Nam' });
}

export const NOBODY: WatchListener = {
  spoke: () => undefined,
  shelved: () => undefined,
  handedOver: () => undefined,
  takenOver: () => undefined,
  cosignWanted: () => undefined,
  reloaded: () => undefined,
  backSince: () => undefined,
};
