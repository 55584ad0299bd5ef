/** What an alert weighs: its shape, its number, its place in the order of answering. */

import type { Alert, Kind } from '../api/types';

/** P1, P2, P3, or the system's own troubles, which never outrank the city's. */
export type Severity = 'p1' | 'p2' | 'p3' | 'system';

const SYSTEM_KINDS: ReadonlySet<Kind> = new Set<Kind>([
  'camera_offline',
  'camera_frozen',
  'camera_tampered',
  'worker_lost',
  'detector_stalled',
  'queue_lag',
  'event_gap',
  'self_test_missed',
]);

export function isSystemKind(kind: Kind): boolean {
  return SYSTEM_KINDS.has(kind);
}

export function severityOf(alert: Pick<Alert, 'kind' | 'priority'>): Severity {
  if (isSystemKind(alert.kind)) return 'system';
  return `p${alert.priority}`;
}

/** 1 is answered first. */
export function rankOf(alert: Pick<Alert, 'kind' | 'priority'>): number {
  const severity = severityOf(alert);
  return severity === 'system' ? 4 : Number(severity.slice(1));
}
