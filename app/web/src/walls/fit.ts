/**
 * Which rows of the wall's list are drawn, and how large. What was confirmed and burns is always
 * among them; other P1 that find no room beside it are shown in turn, page by page. Pure.
 */

import { isOfDevice } from '../alert/film';
import type { Alert } from '../api/types';
import { burns, isGrave, isSure, type Entry } from '../incidents/entries';

type Size = 'large' | 'small';

export interface Fitted {
  readonly size: Size;
  readonly rows: readonly Entry[];
  /** Open ones that found no room, and how many of them are unanswered P1. */
  readonly hidden: number;
  readonly hiddenUrgent: number;
  /** The page of P1 that is shown, from 0, and how many there are. */
  readonly page: number;
  readonly pages: number;
}

/** How long a page of P1 stands. */
export const PAGE_MS = 8_000;

export interface Heights {
  readonly largePx: number;
  readonly smallPx: number;
}

/**
 * Rows become small when not all fit as large ones. Where there are more P1 than room, what was
 * confirmed and burns stands on every page, else the first; the others pass by, `turn` choosing the
 * page.
 */
export function fit(
  open: readonly Entry[],
  heightPx: number,
  heights: Heights,
  turn = 0,
  columns = 1,
): Fitted {
  const large = columns * Math.max(1, Math.floor(heightPx / heights.largePx));
  const small = columns * Math.max(1, Math.floor(heightPx / heights.smallPx));
  const size: Size = open.length > large ? 'small' : 'large';
  const room = size === 'large' ? large : small;
  const grave = open.filter(isGrave);
  const burning = grave.filter(burns);
  const stays = (burning.length > 0 ? burning : grave.slice(0, 1)).slice(0, Math.max(1, room - 1));
  const passing = grave.filter((entry) => !stays.includes(entry));
  const isFull = grave.length > room;
  const places = Math.max(1, room - stays.length);
  const pages = isFull ? Math.ceil(passing.length / places) : 1;
  const page = turn % pages;
  const from = Math.max(0, Math.min(page * places, passing.length - places)); // no room stands empty
  const rows = isFull
    ? [...stays, ...passing.slice(from, from + places)].slice(0, room)
    : open.slice(0, room);
  const hiddenUrgent = open.filter((entry) => isUrgent(entry) && !rows.includes(entry)).length;
  return { size, rows, hidden: open.length - rows.length, hiddenUrgent, page, pages };
}

/**
 * The P1 whose film or live picture the wall shows: an unanswered one that a call or a device told
 * of too, else an unanswered one, else any; of these the newest, a device's where no camera's is.
 */
export function shownLarge(open: readonly Entry[]): Alert | null {
  const grave = open.filter((entry) => isGrave(entry) && entry.alert !== null);
  const shown = [grave.filter(isSure), grave.filter(isUrgent), grave].find((one) => one.length > 0);
  const alerts = (shown ?? []).flatMap(({ alert }) => alert ?? []);
  const withLens = alerts.filter((alert) => !isOfDevice(alert));
  return (withLens.length > 0 ? withLens : alerts).reduce<Alert | null>(newer, null);
}

function isUrgent(entry: Entry): boolean {
  return isGrave(entry) && !entry.isAnswered;
}

function newer(a: Alert | null, b: Alert): Alert {
  return a === null || Date.parse(b.raised_at) > Date.parse(a.raised_at) ? b : a;
}
