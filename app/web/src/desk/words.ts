/** Sentences about one alert that several parts of the desk say. */

import { rankOf } from '../alerts/severity';
import { fold } from '../alerts/triage';
import type { Alert } from '../api/types';

/** An answer later than this is late, by rank (design: P1 within 15 s; the rest within 60 s). */
const LATE_AFTER_MS: Readonly<Record<number, number>> = {
  1: 15_000,
  2: 60_000,
  3: 60_000,
  4: 60_000,
};

/**
 * The camera, which is named after what it sees, and its ward unless the name says it already; no
 * line break within the ward.
 */
export function placeLine(alert: Pick<Alert, 'place' | 'camera_name'>): string {
  const { camera_name: name, place } = alert;
  const told = place && !fold(name).includes(fold(place)) ? place : '';
  return [name, told.replaceAll(' ', '\u00a0')].filter(Boolean).join(' · ');
}

export function isLate(alert: Alert, now: number): boolean {
  return (
    alert.state === 'new' && now - Date.parse(alert.raised_at) > (LATE_AFTER_MS[rankOf(alert)] ?? 0)
  );
}
