/**
 * What is open as the wall and the map show it: the centre's worklist in its order, one entry an
 * incident with its sources, and alerts that came after the list was asked for. Pure.
 */

import { isOfDevice } from '../alert/film';
import { isDoubted, rankOf, severityOf, type Severity } from '../alert/severity';
import { compareForTriage, groupOf, isOpen, isUrgent } from '../alert/triage';
import type { Alert } from '../api/types';
import type { Row } from './incident';
import { isRepeat, repeats } from './standing';
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
  /** Somebody has it, and something new told of it that nobody has seen. */
  readonly hasNews: boolean;
  /** When a P1 of it last called for an answer; null where none loops. */
  readonly calledAt: number | null;
}

type Listed = Pick<Worklist, 'rows' | 'isFresh' | 'rowFor'>;

/** The gravest first; a drill stands below every real P1. */
export function entriesOf(alerts: readonly Alert[], worklist: Listed): readonly Entry[] {
  const byId = new Map(alerts.map((alert) => [alert.id, alert] as const));
  const fresh = alerts
    .filter((alert) => isOpen(alert) && worklist.isFresh(alert.id))
    .sort(compareForTriage);
  const rows = worklist.rows.map((row) => entryOfRow(row, byId));
  const news = fresh.map((alert) => {
    const entry = entryOfAlert(alert);
    const isOld = repeats(alert, worklist.rowFor(alert));
    return isOld ? { ...entry, isAnswered: true, calledAt: null } : entry;
  });
  return inOrder([...rows, ...news]);
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
    hasNews: false,
    calledAt: isUrgent(alert) ? Date.parse(alert.spoke_at) : null,
  };
}

/**
 * The P1 that wait for a person, the first to answer first: what nobody has, then what is new in work
 * that somebody holds; a drill's after all that is real. Head band, list, title, sound, wall and the
 * key that leads to them ask this alone.
 */
export function urgentOf(entries: readonly Entry[]): readonly Entry[] {
  const waiting = entries.filter(isUrgentEntry);
  const turn = ({ isDrill, isAnswered }: Entry) => 2 * Number(isDrill) + Number(isAnswered);
  return waiting.sort((a, b) => turn(a) - turn(b));
}

/** A real P1, answered or not. */
export function isGrave({ severity, isDrill }: Entry): boolean {
  return severity === 'p1' && !isDrill;
}

/** A real P1 that somebody confirmed and that goes on. */
export function burns(entry: Entry): boolean {
  return isGrave(entry) && entry.urgency === URGENCY.confirmed;
}

/** A real P1 that nobody has. */
export function isUntaken(entry: Entry): boolean {
  return isUrgentEntry(entry) && !entry.isDrill && !entry.isAnswered;
}

function isUrgentEntry({ severity, isDoubted, isAnswered, hasNews }: Entry): boolean {
  return severity === 'p1' && !isDoubted && (!isAnswered || hasNews);
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
  const isAnswered = row.holder !== null;
  const news = isAnswered ? newsOf(row, alerts) : null;
  const called = isAnswered ? (news?.calling ?? []) : alerts.filter(isUrgent);
  const times = called.map(({ spoke_at }) => Date.parse(spoke_at));
  if (!isAnswered && alerts.length === 0) times.push(Date.parse(row.opened_at));
  return {
    id: row.id,
    row,
    alert,
    urgency: row.urgency,
    severity: severityOf({ kind: '', priority: row.priority }),
    isAnswered,
    isDrill: alerts.length > 0 && alerts.every(({ exercise }) => exercise),
    isDoubted: row.type === 'alert' && alert !== null && isDoubted(alert),
    since: Date.parse(row.since),
    hasNews: news !== null && (news.calling.length > 0 || news.isUnseen),
    calledAt: times.length > 0 ? Math.max(...times) : null,
  };
}

/** What came into work that somebody holds, and is no repeat of what was seen there. */
function newsOf(row: Row, alerts: readonly Alert[]) {
  return {
    calling: alerts.filter((alert) => isUrgent(alert) && !repeats(alert, row)),
    isUnseen: row.sources.some(
      (one) => one.unseen_since && (one.priority ?? row.priority) === 1 && !isRepeat(one, row),
    ),
  };
}

/** The gravest kind of what nobody has answered first; what has no lens after what has. */
function turnOf(alert: Alert): number {
  return rankOf(alert) * 4 + (alert.state === 'new' ? 0 : 2) + Number(isOfDevice(alert));
}

function rankOfEntry({ urgency, isDrill, isDoubted }: Entry): number {
  return isDrill ? Math.max(urgency, URGENCY.last) + 0.5 : urgency + (isDoubted ? 0.4 : 0);
}
