/** The rows of what is open, and what of a row comes first. Pure but for what the watch knows. */

import { isOfDevice } from '../alert/film';
import { leads, type Officer } from '../alert/life';
import { compareForTriage, groupOf, isForLeader, type Filter, type Group } from '../alert/triage';
import {
  CALL_REASONS,
  CAMERA_REASONS,
  DEVICE_REASONS,
  type Alert,
  type SourceReason,
  WARNING_REASONS,
} from '../api/types';
import { titleStateOf } from '../history/outcome';
import type { Entry } from '../incidents/entries';
import type { Row as WorkRow, Source } from '../incidents/incident';
import { groupOfRow } from '../incidents/standing';
import type { Worklist } from '../incidents/worklist.svelte';
import type { Board, Row } from './board';
import { isFound, isFoundRow, isListed } from './filters';

/** What is known of what is open. */
interface Known {
  readonly alerts: readonly Alert[];
  readonly worklist: Worklist;
}

/** The sections of what is open, in their order. */
const SHOWN: readonly Group[] = ['unanswered', 'working', 'review'];

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

/** What is displayed of a row: its first alert, unless a call or a message alone was confirmed. */
export function leadOf(row: WorkRow | null, alerts: readonly Alert[]): Alert | Source | null {
  const [first = null] = alerts;
  const spoken = row?.sources.find(({ type, verdict }) => type !== 'alert' && verdict === 'true');
  return (first && isConfirmed(first) ? first : spoken) ?? first ?? row?.sources[0] ?? null;
}

/** What a row is called by: what was confirmed, also while a leader has another of it to sign. */
export function titledBy(row: WorkRow | null, alerts: readonly Alert[]): Alert | Source | null {
  return alerts.find(isConfirmed) ?? leadOf(row, alerts);
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
export function openRows({ alerts, worklist }: Known): readonly Row[] {
  const rows = worklist.rows.map((row) => ({
    id: row.id,
    urgency: row.urgency,
    group: groupOfRow(row),
  }));
  const fresh = alerts
    .filter((alert) => isShown(alert) && worklist.isFresh(alert.id))
    .sort(compareForTriage)
    .map((alert) => ({ id: alert.id, urgency: alert.urgency, group: freshGroup(alert) }));
  return [...rows, ...fresh].sort(
    (a, b) => SHOWN.indexOf(a.group) - SHOWN.indexOf(b.group) || a.urgency - b.urgency,
  );
}

/** How many rows nobody has: the desk's section, the title's number, the badge. */
export function countUntaken(known: Known): number {
  return openRows(known).filter(({ group }) => group === 'unanswered').length;
}

/** Real P1 that are off the list, or that came into work that somebody holds and nobody looks at. */
export function besideList(
  urgent: readonly Entry[],
  { held, returned }: Board,
  rowId: string | null,
): readonly Entry[] {
  const beside = new Set([...held, ...returned]);
  return urgent.filter(
    ({ id, isDrill, isAnswered }) => !isDrill && (beside.has(id) || (isAnswered && id !== rowId)),
  );
}

/** The rows of what a filter other than that of what is open lets through. */
export function listedRows(
  { alerts, worklist }: Known,
  filter: Filter,
  words: readonly string[],
): readonly Row[] {
  const rows = alerts
    .filter((alert) => isListed(alert, filter, worklist) && isFound(alert, words))
    .sort(compareForTriage)
    .map((alert) => [worklist.rowOf(alert.id), groupOf(alert)] as const);
  return [...new Map(rows)].map(([id, group]) => ({ id, group }));
}

/** Why a source may be false, by what it is; `source` is the displayed one that is no alert. */
export function reasonsFor(
  commanded: readonly Alert[],
  source: Pick<Source, 'kind'> | null,
): readonly SourceReason[] {
  if (commanded.length === 0) return source?.kind === 'signal' ? WARNING_REASONS : CALL_REASONS;
  return commanded.every(isOfDevice) ? DEVICE_REASONS : CAMERA_REASONS;
}

/** Of these rows those in which, or in an alert of which, the words are found. */
export function foundRows(
  desk: { readonly watch: Known; sourcesOf: (id: string) => readonly Alert[] },
  rows: readonly Row[],
  words: readonly string[],
): readonly Row[] {
  return rows.filter(({ id }) => {
    const row = desk.watch.worklist.get(id);
    const isIt = row !== null && isFoundRow(row, words);
    return isIt || desk.sourcesOf(id).some((one) => isFound(one, words));
  });
}
