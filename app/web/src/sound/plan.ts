/** What the desk should be sounding now, and what it says about its sound. Pure. */

import type { Alert } from '../api/types';
import { rankOf } from '../alert/severity';
import { groupOf, isForLeader, isOpen, isSurest, isUrgent } from '../alert/triage';

export const SILENCE_MS = 60_000;

/** Looping sounds; chimes are played once, when an alert comes. */
export type Loop = 'surest' | 'urgent' | 'cosign' | 'link_lost' | null;

export type Audio =
  | 'locked' // no hand has touched the page yet: the browser keeps it mute
  | 'running' // sounds can be heard
  | 'failed'; // the officer heard nothing, or the browser has no sound

export interface Silence {
  readonly from: number;
  readonly until: number;
}

/**
 * A silence covers what sounded when it began; a P1 that speaks later breaks it. One that a call or
 * a device told of too has a sound of its own. For a leader, a
 * rejection that waits for a signature sounds until it is answered.
 */
export function loopNow(
  alerts: Iterable<Alert>,
  silence: Silence | null,
  linkLost: boolean,
  now: number,
  isLeader = false,
): Loop {
  if (linkLost) return isSilent(silence, now) ? null : 'link_lost';
  let waits = false;
  let urgent = false;
  for (const alert of alerts) {
    waits ||= isLeader && isForLeader(alert);
    if (!isUrgent(alert)) continue;
    if (isSilent(silence, now) && Date.parse(alert.spoke_at) <= (silence?.from ?? 0)) continue;
    if (isSurest(alert) && !alert.exercise) return 'surest';
    urgent = true;
  }
  if (urgent) return 'urgent';
  return waits && !isSilent(silence, now) ? 'cosign' : null;
}

export function isSilent(silence: Silence | null, now: number): boolean {
  return silence !== null && now < silence.until;
}

/**
 * The one chime for an alert that has just spoken; an unanswered P1 loops instead. Faults of the watch
 * have a sound of their own, for those whom they call (`hearsFaults`).
 */
export function chimeFor(
  alert: Alert,
  withFaults = false,
): 'important' | 'notice' | 'fault' | null {
  if (groupOf(alert) === 'fault') return withFaults && alert.state === 'new' ? 'fault' : null;
  if (isUrgent(alert) || !isOpen(alert)) return null;
  return rankOf(alert) <= 2 ? 'important' : 'notice';
}
