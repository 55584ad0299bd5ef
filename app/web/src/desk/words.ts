/** Sentences about one alert that several parts of the desk say. */

import { rankOf } from '../alert/severity';
import { fold } from '../alert/triage';
import type { Alert, LogEntry } from '../api/types';
import type { Row, Source } from '../incidents/incident';

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

/** What tells of a row, by its kind: "2 cam 1 tủ"; of one source its place says it. */
export function countedSources(
  counts: Row['source_counts'],
  signs: Readonly<Record<Source['kind'], string>>,
): string {
  if (counts.reduce((sum, { count }) => sum + count, 0) < 2) return '';
  return counts.map(({ kind, count }) => `${count} ${signs[kind]}`).join(' ');
}

/** The title of a row that no alert leads. */
export function titleOfRow(
  row: Row | null,
  words: { calls: { kinds: Readonly<Record<string, string>> }; row: { warning: string } },
): string {
  if (row?.sources[0]?.kind === 'signal') return words.row.warning;
  return words.calls.kinds[row?.kind ?? ''] ?? '';
}

/** An incident by its kind: fire that machines alone tell of is suspected until somebody confirms it. */
export function titleOfIncident(
  { kind, state, kinds }: { kind: string; state: string; kinds: readonly string[] },
  words: { calls: { kinds: Readonly<Record<string, string>>; suspected: string } },
): string {
  const isOpen = state === 'new' || state === 'verifying';
  const isTold = kinds.includes('call') || kinds.includes('message');
  if (kind === 'fire' && isOpen && !isTold) return words.calls.suspected;
  return words.calls.kinds[kind] ?? kind;
}

/** Where a row is; of a sector's warning first what it tells. */
export function whereOfRow(row: Row | null): string {
  const source = row?.sources[0];
  const told = source?.kind === 'signal' ? source.text : null;
  return [told, row?.place.text].filter(Boolean).join(' · ');
}

export function isLate(alert: Alert, now: number): boolean {
  return alert.state === 'new' && now - Date.parse(alert.raised_at) > answerWithinS(alert) * 1000;
}

/** How soon somebody should take it, in seconds. */
export function answerWithinS(alert: Pick<Alert, 'kind' | 'priority'>): number {
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
