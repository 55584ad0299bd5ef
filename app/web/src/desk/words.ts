/** Sentences about one alert that several parts of the desk say. */

import { isOfDevice } from '../alert/film';
import { rankOf } from '../alert/severity';
import { fold } from '../alert/triage';
import type { Alert, LogEntry } from '../api/types';
import type { Incident } from '../incidents/incident';

/** An answer later than this is late (design: P1 within 15 s; the rest within 60 s). */
const URGENT_LATE_AFTER_S = 15;
const LATE_AFTER_S = 60;

/**
 * The camera, which is named after what it sees, and its ward unless the name says it already; no
 * line break within the ward.
 */
export function placeLine(alert: Pick<Alert, 'place' | 'camera_name'>): string {
  const { camera_name: name, place } = alert;
  const told = place && !fold(name).includes(fold(place)) ? place : '';
  return [name, told.replaceAll(' ', '\u00a0')].filter(Boolean).join(' · ');
}

/** What tells of a row, by its kind: "2 cam 1 tủ"; the title has the numbers. */
export function countedSources(
  alerts: readonly Alert[],
  incident: Incident | null,
  signs: Readonly<Record<'camera' | 'device' | 'call', string>>,
): { readonly text: string; readonly title: string } {
  const devices = alerts.filter(isOfDevice).length;
  const calls = incident?.members.filter(({ type }) => type === 'call').length ?? 0;
  const counts = [
    [signs.camera, alerts.length - devices],
    [signs.device, devices],
    [signs.call, calls],
  ] as const;
  const isOne = alerts.length + calls === 1; // then its place says it
  const shown = counts.filter(([, count]) => count > 0 && !isOne);
  const text = shown.map(([sign, count]) => `${count} ${sign}`).join(' ');
  return {
    text,
    title: [incident?.number, ...alerts.map(({ number }) => number)].filter(Boolean).join(', '),
  };
}

export function isLate(alert: Alert, now: number): boolean {
  return alert.state === 'new' && now - Date.parse(alert.raised_at) > answerWithinS(alert) * 1000;
}

/** How soon somebody should take it, in seconds. */
export function answerWithinS(alert: Alert): number {
  return rankOf(alert) === 1 ? URGENT_LATE_AFTER_S : LATE_AFTER_S;
}

/** The newest word of the camera's agency that it has read the alert. */
export function receiptOf(log: readonly LogEntry[]): LogEntry | null {
  return log.findLast(({ action }) => action === 'receipt') ?? null;
}

/** How long it waited for the first who took it, in seconds; null when nobody has, as far as is known. */
export function firstTakenAfterS(alert: Alert, log: readonly LogEntry[]): number | null {
  const first = log.find(({ action }) => action === 'acknowledge' || action === 'claim');
  return first ? (Date.parse(first.at) - Date.parse(alert.raised_at)) / 1000 : null;
}
