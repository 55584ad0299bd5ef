/**
 * What is open as the wall and the map show it: the centre's worklist in its order, one entry an
 * incident with its sources, and alerts that came after the list was asked for. Pure.
 */

import { isOfDevice } from '../alert/film';
import { isDoubted, rankOf, severityOf, type Severity } from '../alert/severity';
import { compareForTriage, groupOf, isOpen, isUrgent } from '../alert/triage';
import type { Alert } from '../api/types';
import type { Row } from './incident';
import type { Worklist } from './worklist.svelte';

/** As the centre names them (`alerts/alert/answering_order.py`). */
const URGENCY = { confirmed: 0, corroborated: 1, last: 3 } as const;

export interface Entry {
  readonly id: string;
  /** Null for an alert that is in no row of the list. */
  readonly row: Row | null;
  /** The one to show: what nobody answered, and of that what has a picture; none of calls alone. */
  readonly alert: Alert | null;
  readonly urgency: number;
  readonly severity: Severity;
  readonly isAnswered: boolean;
  readonly isDrill: boolean;
  /** The machine itself hardly believes it. */
  readonly isDoubted: boolean;
  /** When its clock began, as on the desk. */
  readonly since: number;
}

type Listed = Pick<Worklist, 'rows' | 'isFresh'>;

/** The gravest first; a drill stands below every real P1. */
export function entriesOf(alerts: readonly Alert[], worklist: Listed): readonly Entry[] {
  const byId = new Map(alerts.map((alert) => [alert.id, alert] as const));
  const fresh = alerts
    .filter((alert) => isOpen(alert) && worklist.isFresh(alert.id))
    .sort(compareForTriage);
  const rows = worklist.rows.map((row) => entryOfRow(row, byId));
  return inOrder([...rows, ...fresh.map(entryOfAlert)]);
}

/** As they were within one urgency. */
export function inOrder(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((a, b) => rankOfEntry(a) - rankOfEntry(b));
}

/** An alert by itself, as on the page of one. */
export function entryOfAlert(alert: Alert): Entry {
  const isReal = alert.state === 'confirmed' && alert.priority === 1;
  const group = groupOf(alert);
  return {
    id: alert.id,
    row: null,
    alert,
    urgency: isReal && alert.condition === 'active' ? URGENCY.confirmed : alert.urgency,
    severity: severityOf(alert),
    isAnswered: group !== 'unanswered' && group !== 'review',
    isDrill: alert.exercise,
    isDoubted: group === 'review',
    since: Date.parse(alert.raised_at),
  };
}

/** A real P1, answered or not. */
export function isGrave({ severity, isDrill }: Entry): boolean {
  return severity === 'p1' && !isDrill;
}

/** A real P1 that somebody confirmed and that goes on. */
export function burns(entry: Entry): boolean {
  return isGrave(entry) && entry.urgency === URGENCY.confirmed;
}

/** A P1 that somebody must answer: a row, or a source that came to what somebody has taken. */
export function isUrgentEntry(entry: Entry): boolean {
  const isWaiting = !entry.isAnswered || (entry.alert !== null && isUrgent(entry.alert));
  return isGrave(entry) && !entry.isDoubted && isWaiting;
}

/** A P1 that nobody has answered, and that a call or a device told of too. */
export function isSure(entry: Entry): boolean {
  return isGrave(entry) && !entry.isAnswered && entry.urgency === URGENCY.corroborated;
}

function entryOfRow(row: Row, byId: ReadonlyMap<string, Alert>): Entry {
  const ids = row.type === 'alert' ? [row.id] : row.sources.map(({ id }) => id);
  const alerts = ids
    .flatMap((id) => byId.get(id) ?? [])
    .filter(({ state }) => state !== 'closed')
    .sort((a, b) => turnOf(a) - turnOf(b));
  const alert = alerts[0] ?? row.alert;
  return {
    id: row.id,
    row,
    alert,
    urgency: row.urgency,
    severity: severityOf({ kind: '', priority: row.priority }),
    isAnswered: row.section === 'working' || (row.type === 'alert' && row.holder !== null),
    isDrill: alerts.length > 0 && alerts.every(({ exercise }) => exercise),
    isDoubted: row.type === 'alert' && alert !== null && isDoubted(alert),
    since: Date.parse(row.since),
  };
}

/** The gravest kind of what nobody has answered first; what has no lens after what has. */
function turnOf(alert: Alert): number {
  return rankOf(alert) * 4 + (alert.state === 'new' ? 0 : 2) + Number(isOfDevice(alert));
}

function rankOfEntry({ urgency, isDrill, isDoubted }: Entry): number {
  return isDrill ? Math.max(urgency, URGENCY.last) + 0.5 : urgency + (isDoubted ? 0.4 : 0);
}
