/** The numbers of the wall: of now, and of today as far as this screen knows today whole. Pure. */

import { isSystemKind } from '../alert/alert-kinds.svelte';
import type { Alert } from '../api/types';
import { outcomeOf } from '../history/outcome';
import { date } from '../time/format';

const ANSWER_WITHIN_MS = 15_000;

/** Share of the cameras that see, in percent; null when it is not known. Never rounded up to 100. */
export function coverage(online: number, total: number): number | null {
  if (total <= 0) return null;
  return Math.floor((Math.min(online, total) / total) * 1000) / 10;
}

export interface Today {
  /** How many alerts of each kind, most first; the system's own troubles and drills are not the city's. */
  readonly kinds: readonly (readonly [string, number])[];
  readonly falseAlarms: number;
  /** Share of answered ones that were answered within 15 s, in percent; null without answers. */
  readonly inTime: number | null;
}

/**
 * Null when closed alerts of today may be missing, as all are known only of those raised after
 * `wholeAfter`: a wrong number on a wall is worse than none.
 */
export function todayOf(alerts: readonly Alert[], wholeAfter: number, now: number): Today | null {
  const today = date(now);
  if (wholeAfter > now || (wholeAfter > -Infinity && date(wholeAfter) === today)) return null;
  const mine = alerts.filter(
    ({ raised_at, kind, exercise }) =>
      date(Date.parse(raised_at)) === today && !isSystemKind(kind) && !exercise,
  );
  const kinds = new Map<string, number>();
  for (const { kind } of mine) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return {
    kinds: [...kinds].sort((a, b) => b[1] - a[1]),
    // What waits for a leader's word is not false yet.
    falseAlarms: mine.filter((alert) => outcomeOf(alert) === 'rejected').length,
    inTime: inTime(mine),
  };
}

function inTime(alerts: readonly Alert[]): number | null {
  const waits = alerts.flatMap((alert) =>
    alert.acknowledged_at === null
      ? []
      : [Date.parse(alert.acknowledged_at) - Date.parse(alert.raised_at)],
  );
  if (waits.length === 0) return null;
  return Math.floor((waits.filter((ms) => ms <= ANSWER_WITHIN_MS).length / waits.length) * 100);
}
