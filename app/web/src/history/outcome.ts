/** What people found an alert to be, and how long they took. Pure. */

import type { Alert } from '../api/types';
import { instant } from '../time/format';
import type { OutcomeName } from './filters';

export function outcomeOf(alert: Pick<Alert, 'verdict_by' | 'reject_reason'>): OutcomeName {
  if (!alert.verdict_by) return 'none';
  return alert.reject_reason ? 'rejected' : 'confirmed';
}

/** Seconds from the picture to the hand that holds it; null while nobody does, or nobody any more. */
export function answeredAfter(
  alert: Pick<Alert, 'raised_at' | 'acknowledged_at' | 'state'>,
): number | null {
  const taken = alert.state === 'new' ? null : instant(alert.acknowledged_at);
  return taken === null ? null : Math.max(0, (taken - Date.parse(alert.raised_at)) / 1000);
}
