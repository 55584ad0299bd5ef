/**
 * Which rows of the wall's list are drawn, and how large. Unanswered P1 that find no room among the
 * rest are shown in turn, page by page, so that each is seen. Pure.
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

/** Open ones as they are answered; the system's troubles last. */
export function openByPriority(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.filter(isOpen).sort(forTheWall);
}

/**
 * Rows become small when not all fit as large ones. When more unanswered P1 wait than there is room
 * for, they alone are shown, `turn` choosing the page.
 */
export function fit(open: readonly Alert[], heightPx: number, heights: Heights, turn = 0): Fitted {
  const large = Math.max(1, Math.floor(heightPx / heights.largePx));
  const small = Math.max(1, Math.floor(heightPx / heights.smallPx));
  const size: Size = open.length > large ? 'small' : 'large';
  const room = size === 'large' ? large : small;
  const urgent = open.filter(isPaged);
  const isFull = urgent.length > room;
  const pages = isFull ? pagesOf(urgent.length, room) : 1;
  const page = turn % pages;
  const rows = isFull ? pageOf(urgent, page, room) : open.slice(0, room);
  const hidden = open.length - rows.length;
  return {
    size,
    rows,
    hidden,
    hiddenUrgent: urgent.length - rows.filter(isPaged).length,
    page,
    pages,
  };
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

/** The first in triage order stands on every page, where there is room for a second row. */
function pagesOf(count: number, room: number): number {
  return room > 1 ? Math.ceil((count - 1) / (room - 1)) : count;
}

/** The last page is filled up from before, so that no room stands empty. */
function pageOf(urgent: readonly Alert[], page: number, room: number): readonly Alert[] {
  if (room === 1) return urgent.slice(page, page + 1);
  const [first, ...rest] = urgent;
  const from = Math.min(page * (room - 1), rest.length - (room - 1));
  return [...(first ? [first] : []), ...rest.slice(from, from + room - 1)];
}

function newer(a: Alert | null, b: Alert): Alert {
  return a === null || Date.parse(b.raised_at) > Date.parse(a.raised_at) ? b : a;
}

function isPaged(alert: Alert): boolean {
  return isUrgent(alert) && !alert.exercise;
}

/** How high each of so many rows may be: they share the room, between a least and a most. */
export function rowPx(count: number, heightPx: number, leastPx: number, mostPx: number): number {
  return Math.max(leastPx, Math.min(mostPx, Math.floor(heightPx / Math.max(1, count))));
}

/** Every real P1 before all else, answered or not, so that none leaves the list while it is open. */
function forTheWall(a: Alert, b: Alert): number {
  return Number(isGrave(b)) - Number(isGrave(a)) || compareForTriage(a, b);
}

function isGrave(alert: Alert): boolean {
  return rankOf(alert) === 1 && !alert.exercise;
}
