/** The numbers of the wall: of now, and of today as far as this screen knows today whole. Pure. */

import { MOST_CLOSED } from '../alert/book';
import { isSystemKind } from '../alert/alert-kinds.svelte';
import { groupOf } from '../alert/triage';
import type { Alert } from '../api/types';
import { isStillSeen, outcomeOf } from '../history/outcome';
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

/** Null when closed alerts of today may be missing: a wrong number on a wall is worse than none. */
export function todayOf(alerts: readonly Alert[], now: number): Today | null {
  const today = date(now);
  const closed = alerts.filter((alert) => groupOf(alert) === 'closed');
  // One that is still seen is kept when others of its day are gone already.
  const reachesBack = closed.some(
    (alert) => date(Date.parse(alert.raised_at)) !== today && !isStillSeen(alert),
  );
  if (closed.length >= MOST_CLOSED && !reachesBack) return null;
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
