/** How hard the alerts are raining on this desk. Pure. */

import type { Alert } from '../api/types';
import { isSystemKind } from './alert-kinds.svelte';

const FLOOD_WINDOW_MS = 10 * 60_000;
/** More than this many in the window is a flood (design: > 10 in 10 min). */
export const FLOOD_LIMIT = 10;

interface FloodGroup {
  readonly place: string;
  readonly kind: string;
  readonly count: number;
}

export interface Flood {
  readonly count: number;
  readonly flooded: boolean;
  /** The groups of one kind in one ward, largest first. */
  readonly groups: readonly FloodGroup[];
}

export function floodOf(alerts: readonly Alert[], now: number): Flood {
  const recent = alerts.filter(
    (alert) =>
      !alert.exercise &&
      !isSystemKind(alert.kind) &&
      now - Date.parse(alert.raised_at) <= FLOOD_WINDOW_MS,
  );
  const groups = new Map<string, FloodGroup>();
  for (const alert of recent) {
    const place = alert.place ?? '';
    const key = `${place}|${alert.kind}`;
    groups.set(key, { place, kind: alert.kind, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return {
    count: recent.length,
    flooded: recent.length > FLOOD_LIMIT,
    groups: [...groups.values()].sort((a, b) => b.count - a.count),
  };
}
