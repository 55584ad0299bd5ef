/** What the desk should be sounding now, and what it says about its sound. Pure. */

import type { Alert } from '../api/types';
import { rankOf } from '../alert/severity';
import { groupOf, isOpen, isUrgent } from '../alert/triage';
import { isSure, type Entry } from '../incidents/entries';
import type { Row } from '../incidents/incident';
import { isRepeat } from '../incidents/standing';

export const SILENCE_MS = 60_000;
/** What came longer ago is no news. */
const NEWS_MS = 60_000;

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

/** The kinds of what loops: the P1 that wait (`urgentOf`), and what waits for a leader. */
export interface Waiting {
  readonly urgent: readonly Entry[];
  /** For a leader: a rejection waits for a signature, and sounds until it is answered. */
  readonly toSign?: boolean;
  readonly linkLost?: boolean;
}

/**
 * A silence covers what sounded when it began; a P1 that speaks later breaks it. One that a call or
 * a device told of too has a sound of its own.
 */
export function loopNow(
  { urgent, toSign = false, linkLost = false }: Waiting,
  silence: Silence | null,
  now: number,
): Loop {
  const isQuiet = isSilent(silence, now);
  if (linkLost) return isQuiet ? null : 'link_lost';
  const from = isQuiet ? (silence?.from ?? 0) : -Infinity;
  const calling = urgent.filter(({ calledAt }) => calledAt !== null && calledAt > from);
  if (calling.length > 0) return calling.some(isSure) ? 'surest' : 'urgent';
  return toSign && !isQuiet ? 'cosign' : null;
}

/**
 * The chime for calls, messages and signals that others have written down since `before`: alerts
 * sound by themselves.
 */
export function chimeForRows(
  rows: readonly Row[],
  before: ReadonlySet<string>,
  username: string,
  now: number,
): 'important' | 'notice' | null {
  const sounding = rows.filter((row) =>
    row.sources.some(
      (one) =>
        one.type !== 'alert' &&
        !before.has(one.id) &&
        now - Date.parse(one.joined_at) < NEWS_MS && // of another page of the list none is
        one.joined_by?.username !== username &&
        !isRepeat(one, row),
    ),
  );
  if (sounding.length === 0) return null;
  return sounding.some(({ priority }) => priority <= 2) ? 'important' : 'notice';
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
