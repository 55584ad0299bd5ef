/** What the desk's filters and its search go by: how many of each, and the text of an alert. */

import { awaitsCosign } from '../alert/life';
import { fold, hasAll, isOpen, passes, type Filter } from '../alert/triage';
import type { Alert } from '../api/types';
import { titleStateOf } from '../history/outcome';
import { isOver } from '../incidents/standing';
import type { Row } from '../incidents/incident';
import type { Worklist } from '../incidents/worklist.svelte';
import { i18n } from '../i18n/i18n.svelte';

/** The lists that count alerts, by their rows. */
const COUNTED = ['cosign', 'still_seen', 'review', 'fault', 'closed', 'shelved'] as const;
export type Counts = Readonly<Record<(typeof COUNTED)[number], number>>;

type RowsOfAlerts = Pick<Worklist, 'get' | 'rowOf'>;

/** Folding is slow, and a search asks about every alert whenever one of them changes. */
const folded = new WeakMap<Alert, { readonly kind: string; readonly text: string }>();

export function isFound(alert: Alert, words: readonly string[]): boolean {
  return words.length === 0 || hasAll(searchText(alert), words);
}

/** What a search looks through, in the officer's language, folded. */
function searchText(alert: Alert): string {
  const kind = i18n.t.kindTitle(alert.kind, titleStateOf(alert));
  const known = folded.get(alert);
  if (known?.kind === kind) return known.text;
  const { number, camera, camera_name, place, agency, owner } = alert;
  const text = fold([number, camera, camera_name, place, agency, owner?.name, kind].join(' '));
  folded.set(alert, { kind, text });
  return text;
}

/** An incident by its number, its place, and what its calls and messages say. */
export function isFoundRow(row: Row, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const told = row.sources.flatMap(({ text, caller, name }) => [text, caller, name]);
  return hasAll(fold([row.number, row.place.text, row.holder?.name, ...told].join(' ')), words);
}

/** Whether a list other than `open` has an alert; what is over within an open row comes later. */
export function isListed(alert: Alert, filter: Filter, worklist: RowsOfAlerts): boolean {
  const row = worklist.get(worklist.rowOf(alert.id));
  const isRowOpen = row !== null && !isOver(row);
  if (filter === 'closed') return isDone(alert) && !isRowOpen;
  return passes(alert, filter) && !(alert.state === 'closed' && isRowOpen);
}

/** How many rows each list but `open` has. */
export function countsOf(alerts: readonly Alert[], worklist: RowsOfAlerts): Counts {
  const count = (filter: Filter) =>
    new Set(
      alerts
        .filter((alert) => isListed(alert, filter, worklist))
        .map(({ id }) => worklist.rowOf(id)),
    ).size;
  return Object.fromEntries(COUNTED.map((filter) => [filter, count(filter)])) as Counts;
}

/** What the centre lists no more: closed, or rejected for good. */
function isDone(alert: Alert): boolean {
  const isRejected = alert.state === 'rejected' && !awaitsCosign(alert) && isOpen(alert);
  return alert.state === 'closed' || isRejected;
}
