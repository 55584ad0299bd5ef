/** A night's alerts and who answers them, made for the tests of the desk. */

import { madeAlert } from '../alert/made';
import type { Alert, User } from '../api/types';
import type { Incident } from '../incidents/incident';
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
export function warehouse(): { readonly alerts: Alert[]; readonly incident: Incident } {
  const fire = { place: 'Cửa Nam', raised_at: '2026-11-24T07:01:20.000Z' };
  const alerts = [
    madeAlert({ ...fire, id: 'hall', state: 'confirmed', owner: MINE, verdict_by: MINE }),
    madeAlert({ ...fire, id: 'gable', state: 'acknowledged', owner: MINE, camera: 'th-7' }),
    madeAlert({ ...fire, id: 'panel', rule: 'device', camera: 'panel-5' }),
  ];
  const members = alerts.map(({ id }) => ({ type: 'alert', id, joined_at: '', by: null }));
  const part = { id: 'vv', number: 'VV-1', state: 'open', kind: 'fire', priority: 1, version: 1 };
  return { alerts, incident: { ...part, steps: [], members } as unknown as Incident };
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
