/** What people found an alert to be, and how long they took. Pure. */

import { isSystemKind } from '../alert/alert-kinds.svelte';
import type { Alert, AlertState } from '../api/types';
import { instant } from '../time/format';
import type { OutcomeName } from './filters';

export function outcomeOf(alert: Pick<Alert, 'verdict_by' | 'reject_reason'>): OutcomeName {
  if (!alert.verdict_by) return 'none';
  return alert.reject_reason ? 'rejected' : 'confirmed';
}

/** The state that an alert's title tells: what was confirmed stays so when it is closed. */
export function titleStateOf(
  alert: Pick<Alert, 'state' | 'verdict_by' | 'reject_reason'>,
): AlertState {
  const isTrue = alert.state === 'closed' && outcomeOf(alert) === 'confirmed';
  return isTrue ? 'confirmed' : alert.state;
}

/** Closed as real, and the machine still sees it. */
export function isStillSeen(
  alert: Pick<Alert, 'state' | 'condition' | 'kind' | 'verdict_by' | 'reject_reason'>,
): boolean {
  return alert.state === 'closed' && burnsOn(alert);
}

/** Found to be real and still seen: who closes it now is asked first. */
export function burnsOn(
  alert: Pick<Alert, 'condition' | 'kind' | 'verdict_by' | 'reject_reason'>,
): boolean {
  return (
    alert.condition === 'active' && !isSystemKind(alert.kind) && outcomeOf(alert) === 'confirmed'
  );
}

/** Seconds from the picture to the hand that holds it; null while nobody does, or nobody any more. */
export function answeredAfter(
  alert: Pick<Alert, 'raised_at' | 'acknowledged_at' | 'state'>,
): number | null {
  const taken = alert.state === 'new' ? null : instant(alert.acknowledged_at);
  return taken === null ? null : Math.max(0, (taken - Date.parse(alert.raised_at)) / 1000);
}
