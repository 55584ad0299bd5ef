/**
 * Which rows of the wall's list are drawn, and how large. What was confirmed and burns is always
 * among them; P1 that find no room beside it are shown in turn, page by page. Pure.
 */

import { isOfDevice } from '../alert/film';
import { rankOf } from '../alert/severity';
import { compareForTriage, isOpen, isSurest, isUrgent } from '../alert/triage';
import type { Alert } from '../api/types';

type Size = 'large' | 'small';

export interface Fitted {
  readonly size: Size;
  readonly rows: readonly Alert[];
  /** Open ones that found no room, and how many of them are unanswered P1. */
  readonly hidden: number;
  readonly hiddenUrgent: number;
  /** The page of unanswered P1 that is shown, from 0, and how many there are. */
  readonly page: number;
  readonly pages: number;
}

/** How long a page of unanswered P1 stands. */
export const PAGE_MS = 8_000;

export interface Heights {
  readonly largePx: number;
  readonly smallPx: number;
}

/** Open ones as they are answered; a fire that was confirmed and burns first. */
export function openByPriority(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.filter(isOpen).sort(forTheWall);
}

/**
 * Rows become small when not all fit as large ones. Where more P1 wait than there is room for, what
 * was confirmed and burns stands on every page, and the others pass by, `turn` choosing the page.
 */
export function fit(
  open: readonly Alert[],
  heightPx: number,
  heights: Heights,
  turn = 0,
  columns = 1,
): Fitted {
  const large = columns * Math.max(1, Math.floor(heightPx / heights.largePx));
  const small = columns * Math.max(1, Math.floor(heightPx / heights.smallPx));
  const size: Size = open.length > large ? 'small' : 'large';
  const room = size === 'large' ? large : small;
  const urgent = open.filter(isPaged);
  const burning = open.filter(burns);
  const stays = (burning.length > 0 ? burning : urgent.slice(0, 1)).slice(0, room - 1);
  const passing = urgent.filter((alert) => !stays.includes(alert));
  const isFull = stays.length + passing.length > room;
  const places = room - stays.length;
  const pages = isFull ? Math.ceil(passing.length / places) : 1;
  const page = turn % pages;
  const from = Math.max(0, Math.min(page * places, passing.length - places)); // no room stands empty
  const rows = isFull ? [...stays, ...passing.slice(from, from + places)] : open.slice(0, room);
  const hidden = open.length - rows.length;
  const hiddenUrgent = urgent.length - rows.filter(isPaged).length;
  return { size, rows, hidden, hiddenUrgent, page, pages };
}

/**
 * The P1 whose film or live picture the wall shows: an unanswered one that a call or a device told
 * of too, else an unanswered one, else any; of these the newest, a device's where no camera's is.
 */
export function shownLarge(open: readonly Alert[]): Alert | null {
  const grave = open.filter(isGrave);
  const waiting = grave.filter(isUrgent);
  const surest = grave.filter(isSurest);
  const shown = [surest, waiting, grave].find((each) => each.length > 0) ?? [];
  const seen = shown.filter((each) => !isOfDevice(each));
  return (seen.length > 0 ? seen : shown).reduce<Alert | null>(newer, null);
}

function newer(a: Alert | null, b: Alert): Alert {
  return a === null || Date.parse(b.raised_at) > Date.parse(a.raised_at) ? b : a;
}

function isPaged(alert: Alert): boolean {
  return isUrgent(alert) && !alert.exercise;
}

/** What was confirmed and burns, then every real P1, answered or not. */
function forTheWall(a: Alert, b: Alert): number {
  return (
    Number(burns(b)) - Number(burns(a)) ||
    Number(isGrave(b)) - Number(isGrave(a)) ||
    compareForTriage(a, b)
  );
}

/** A real P1 that somebody confirmed and that goes on. */
function burns(alert: Alert): boolean {
  return isGrave(alert) && alert.state === 'confirmed' && alert.condition === 'active';
}

function isGrave(alert: Alert): boolean {
  return rankOf(alert) === 1 && !alert.exercise;
}
