/** A desk of the night whose keys are pressed and whose commands are written down, for tests. */

import { vi } from 'vitest';

import { api, Unreachable } from '../api/client';
import type { Action, Alert, User } from '../api/types';
import { incidentApi } from '../incidents/incident';
import { warehouse, watchOf } from './made-night';

/** What went to the centre since the last look: of one alert, or of many; or was done to an incident. */
export const told = {
  sent: [] as { ids: string[]; action: Action | null; isMany: boolean }[],
  acted: [] as { row: string | null; action: string; id: string | null }[],
  live: [] as (string | undefined)[],
  fails: false,
  now: 0,
};

/** Nothing is drawn: the screens' modules need no more of a browser than this. */
export function browser(dialog: object | null): void {
  const memory = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  const element = { focus: () => undefined };
  vi.stubGlobal('localStorage', memory);
  vi.stubGlobal('sessionStorage', memory);
  vi.stubGlobal('location', { pathname: '/', search: '' });
  vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
  vi.stubGlobal('Element', class {});
  vi.stubGlobal('HTMLElement', class {});
  vi.stubGlobal('document', { querySelector: () => dialog, getElementById: () => element });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
}

const none = () => undefined;

export async function seatOf(user: User, alerts: readonly Alert[]) {
  const { Desk } = await import('./desk.svelte');
  const { DeskKeys } = await import('./desk-keys');
  const { Orders } = await import('./orders.svelte');
  const burning = warehouse();
  const watch = await watchOf([...alerts, ...burning.alerts], [burning.incident]);
  const desk = new Desk(watch, user);
  desk.settle();
  const showLive = (camera: string) => told.live.push(camera);
  const player = new Proxy({}, { get: (_, name) => (name === 'toggleLive' ? showLive : none) });
  const act = async (action: string, body: { id?: string }): Promise<boolean> => {
    told.acted.push({ row: desk.rowId, action, id: body.id ?? null });
    return true;
  };
  const work = { detail: null, isLoading: false, act, join: () => act('join', {}) };
  const orders = new Orders(desk, () => undefined, work);
  const keys = new DeskKeys({
    desk,
    orders,
    player: player as never,
    work: work as never,
    dispatch: () => false,
    help: none,
    search: none,
  });
  const press = async (code: string, afterMs = 60_000): Promise<void> => {
    told.now += afterMs; // long: no press is that of a hand which saw something else a moment ago
    const shiftKey = code.startsWith('Shift+');
    const plain = code.replace('Shift+', '');
    const key = { Slash: shiftKey ? '?' : '/', ArrowDown: 'ArrowDown', ArrowUp: 'ArrowUp' }[plain];
    const rest = { ctrlKey: false, altKey: false, metaKey: false, repeat: false, target: null };
    const event = { code: plain, key: key ?? '', shiftKey, ...rest, preventDefault: none };
    keys.press(event as unknown as KeyboardEvent);
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    desk.settle();
  };
  return { desk, watch, orders, work, press };
}
export type Seat = Awaited<ReturnType<typeof seatOf>>;

/** Before each test: nothing was sent, and the centre takes what is. */
export function atRest(): void {
  browser(null);
  told.sent = [];
  told.acted = [];
  told.live = [];
  told.fails = false;
  told.now = Date.parse('2026-11-24T07:02:00.000Z');
  vi.spyOn(Date, 'now').mockImplementation(() => told.now);
  vi.spyOn(console, 'error').mockReturnValue();
  vi.spyOn(api, 'command').mockImplementation(async ({ alert, action }) => {
    told.sent.push({ ids: [alert.id], action, isMany: false });
    if (told.fails) throw new Unreachable('cut');
    return { ...(alert as Alert), version: alert.version + 1 };
  });
  vi.spyOn(api, 'alert').mockRejectedValue(new Unreachable('cut'));
  vi.spyOn(incidentApi, 'row').mockRejectedValue(new Unreachable('cut'));
  vi.spyOn(incidentApi, 'command').mockImplementation(async ({ id }, action) => {
    told.acted.push({ row: id, action, id: null });
    if (told.fails) throw new Unreachable('cut');
    return undefined as never;
  });
  vi.spyOn(api, 'commandMany').mockImplementation(async (orders) => {
    told.sent.push({ ids: orders.map(({ alert }) => alert), action: null, isMany: true });
    if (told.fails) throw new Unreachable('cut');
    return orders.map(({ alert }) => ({ alert_id: alert, alert: null, error: null }) as never);
  });
}
