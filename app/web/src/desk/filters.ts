/** What the desk's filters and its search go by: how many of each, and the text of an alert. */

import { fold, groupOf, hasAll, isForLeader, type Filter, type Group } from '../alert/triage';
import type { Alert } from '../api/types';
import { isStillSeen, titleStateOf } from '../history/outcome';
import type { Row } from '../incidents/incident';
import { i18n } from '../i18n/i18n.svelte';

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

/** How many alerts each list has; what is open is counted by rows. */
export function countsOf(alerts: readonly Alert[]): Record<Exclude<Filter, 'open'>, number> {
  const groups: Record<Group, number> = {
    unanswered: 0,
    working: 0,
    review: 0,
    fault: 0,
    shelved: 0,
    closed: 0,
  };
  for (const alert of alerts) groups[groupOf(alert)] += 1;
  const cosign = alerts.filter(isForLeader).length;
  const still_seen = alerts.filter(isStillSeen).length;
  return { ...groups, cosign, still_seen };
}
