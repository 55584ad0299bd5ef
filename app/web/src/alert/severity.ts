/** What an alert weighs: its shape, its number, its place in the order of answering. */

import type { Alert } from '../api/types';
import { isSystemKind } from './alert-kinds.svelte';

/** P1, P2, P3, or the system's own troubles, which never outrank the city's. */
export type Severity = 'p1' | 'p2' | 'p3' | 'system';

const SYSTEM_RANK = 4;
const BY_RANK: Readonly<Record<number, Severity>> = {
  1: 'p1',
  2: 'p2',
  3: 'p3',
  [SYSTEM_RANK]: 'system',
};

/** 1 is answered first. */
export function rankOf(alert: Pick<Alert, 'kind' | 'priority'>): number {
  return isSystemKind(alert.kind) ? SYSTEM_RANK : alert.priority;
}

export function severityOf(alert: Pick<Alert, 'kind' | 'priority'>): Severity {
  return BY_RANK[rankOf(alert)] ?? 'p3';
}

/** Fire or smoke that the machine itself hardly believes, and that nobody has judged. */
export function isDoubted({
  state,
  kind,
  priority,
}: Pick<Alert, 'state' | 'kind' | 'priority'>): boolean {
  const burning = kind === 'fire' || kind === 'smoke';
  return burning && priority === 3 && (state === 'new' || state === 'acknowledged');
}
