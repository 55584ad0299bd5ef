/** The rows of what is open, and what of a row comes first. Pure but for what the watch knows. */

import { isOfDevice } from '../alert/film';
import { leads, type Officer } from '../alert/life';
import { compareForTriage, groupOf, isForLeader, isUrgent, type Group } from '../alert/triage';
import {
  CALL_REASONS,
  CAMERA_REASONS,
  DEVICE_REASONS,
  type Alert,
  type SourceReason,
} from '../api/types';
import { titleStateOf } from '../history/outcome';
import type { Row as WorkRow, Source } from '../incidents/incident';
import type { Row } from './board';
import { isFound, isFoundRow } from './filters';
import type { Watch } from './watch.svelte';

/** The sections of what is open, in their order. */
const SHOWN: readonly Group[] = ['unanswered', 'working', 'review'];
const SECTIONS = { waiting: 'unanswered', working: 'working', look: 'review' } as const;

/**
 * Of a row's alerts: what a leader must sign, then what was confirmed, which names the row until it is
 * over, then what nobody has answered; of those alike what has a picture.
 */
export function inTurn(alerts: readonly Alert[], user: Officer): readonly Alert[] {
  const forLeader = (one: Alert) => Number(leads(user) && isForLeader(one));
  return [...alerts].sort((a, b) => forLeader(b) - forLeader(a) || turnOf(a) - turnOf(b));
}

function turnOf(alert: Alert): number {
  const answered = alert.state === 'acknowledged' ? 4 : 6;
  const turn = alert.state === 'new' ? 2 : answered;
  return (isConfirmed(alert) ? 0 : turn) + Number(isOfDevice(alert));
}

function isConfirmed(alert: Alert): boolean {
  return titleStateOf(alert) === 'confirmed';
}

/** What names a row: its first alert, unless a call or a message alone was confirmed. */
export function leadOf(row: WorkRow | null, alerts: readonly Alert[]): Alert | Source | null {
  const [first = null] = alerts;
  const spoken = row?.sources.find(({ type, verdict }) => type !== 'alert' && verdict === 'true');
  return (first && isConfirmed(first) ? first : spoken) ?? first ?? row?.sources[0] ?? null;
}

/** Where an alert stands until the centre has its row: below a P1 it is light. */
function freshGroup(alert: Alert): Group {
  const isLight = alert.exercise || alert.priority > 1;
  return isLight ? 'review' : groupOf(alert);
}

export function isShown(alert: Alert): boolean {
  return SHOWN.includes(groupOf(alert));
}

/** The centre's rows in its order, with what came after they were asked for. */
export function openRows({ alerts, worklist }: Pick<Watch, 'alerts' | 'worklist'>): readonly Row[] {
  const rows = worklist.rows.map(({ id, section, urgency }) => ({
    id,
    urgency,
    group: SECTIONS[section],
  }));
  const fresh = alerts
    .filter((alert) => isShown(alert) && worklist.isFresh(alert.id))
    .sort(compareForTriage)
    .map((alert) => ({ id: alert.id, urgency: alert.urgency, group: freshGroup(alert) }));
  return [...rows, ...fresh].sort(
    (a, b) => SHOWN.indexOf(a.group) - SHOWN.indexOf(b.group) || a.urgency - b.urgency,
  );
}

/** A P1 that waits beside the list: an alert, else a row of calls and messages alone. */
export interface WaitingUrgent {
  readonly id: string;
  readonly urgency: number;
  readonly alert: Alert | null;
  readonly row: WorkRow | null;
}

export function isUrgentRow(row: WorkRow): boolean {
  return row.type === 'incident' && row.section === 'waiting' && row.priority === 1;
}

/** Whether what is displayed is a P1 that nobody has answered. */
export function isUrgentNow(alert: Alert | null, row: WorkRow | null): boolean {
  return alert !== null ? isUrgent(alert) : row !== null && isUrgentRow(row);
}

/** How many unanswered P1 the list does not have: alerts, and rows of calls and messages alone. */
export function hiddenUrgentOf(
  { alerts, worklist }: Pick<Watch, 'alerts' | 'worklist'>,
  wanted: readonly Row[],
  isWanted: (alert: Alert) => boolean,
): number {
  const ids = new Set([
    ...wanted.map(({ id }) => id),
    ...alerts.map(({ id }) => worklist.rowOf(id)),
  ]);
  return (
    alerts.filter((alert) => isUrgent(alert) && !isWanted(alert)).length +
    worklist.rows.filter((row) => isUrgentRow(row) && !ids.has(row.id)).length
  );
}

/** Of these rows the real P1 that nobody has answered, the most urgent first. */
export function waitingUrgentOf(
  { alerts, worklist }: Pick<Watch, 'alerts' | 'worklist'>,
  waiting: ReadonlySet<string>,
): readonly WaitingUrgent[] {
  const among = alerts.filter(({ id }) => waiting.has(worklist.rowOf(id)));
  const urgent = among
    .filter((alert) => isUrgent(alert) && !alert.exercise)
    .sort(compareForTriage)
    .map((alert) => ({ id: alert.id, urgency: alert.urgency, alert, row: null }));
  const withAlert = new Set(among.map(({ id }) => worklist.rowOf(id)));
  const spoken = worklist.rows
    .filter((row) => waiting.has(row.id) && !withAlert.has(row.id) && isUrgentRow(row))
    .map((row) => ({ id: row.id, urgency: row.urgency, alert: null, row }));
  return [...urgent, ...spoken].sort((a, b) => a.urgency - b.urgency);
}

/** Why a source may be false: of a panel other reasons than of a camera; without an alert, of a call. */
export function reasonsFor(commanded: readonly Alert[]): readonly SourceReason[] {
  if (commanded.length === 0) return CALL_REASONS;
  return commanded.every(isOfDevice) ? DEVICE_REASONS : CAMERA_REASONS;
}

/** Whether words are found in a row, or in an alert of it. */
export function isFoundIn(
  row: WorkRow | null,
  alerts: readonly Alert[],
  words: readonly string[],
): boolean {
  return (row !== null && isFoundRow(row, words)) || alerts.some((one) => isFound(one, words));
}

/** It is over, and others of its incident are not: the list of what is done has it later. */
export function isInOpenRow(alert: Alert, worklist: Watch['worklist']): boolean {
  const row = worklist.get(worklist.rowOf(alert.id));
  return alert.state === 'closed' && row !== null && row.state !== 'closed';
}
