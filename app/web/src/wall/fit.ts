/** Which rows of the wall's list are drawn, and how large: every open P1 must be seen. Pure. */

import { rankOf } from '../alerts/severity';
import { compareForTriage, isOpen, isUrgent } from '../alerts/triage';
import type { Alert } from '../api/types';

export type Size = 'large' | 'small';

export interface Fitted {
  readonly size: Size;
  readonly rows: readonly Alert[];
  /** Open ones that found no room, and how many of them are unanswered P1. */
  readonly hidden: number;
  readonly hiddenUrgent: number;
}

export interface Heights {
  readonly largePx: number;
  readonly smallPx: number;
}

/** Open ones as they are answered; the system's troubles last. */
export function openByPriority(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.filter(isOpen).sort(forTheWall);
}

/** Rows become small when an open P1 would not fit among large ones, or when many would not. */
export function fit(open: readonly Alert[], heightPx: number, heights: Heights): Fitted {
  const large = Math.max(1, Math.floor(heightPx / heights.largePx));
  const small = Math.max(1, Math.floor(heightPx / heights.smallPx));
  const size: Size = open.length > large ? 'small' : 'large';
  const room = size === 'large' ? large : small;
  // The line that tells of the hidden ones needs a row's place itself.
  const rows = open.slice(0, open.length > room ? Math.max(1, room - 1) : room);
  const hidden = open.slice(rows.length);
  return { size, rows, hidden: hidden.length, hiddenUrgent: hidden.filter(isUrgent).length };
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
