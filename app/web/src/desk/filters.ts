/** What the desk's filters and its search go by: how many of each, and the text of an alert. */

import { groupOf, isForLeader, type Filter, type Group } from '../alert/triage';
import type { Alert } from '../api/types';
import { isStillSeen, titleStateOf } from '../history/outcome';
import { i18n } from '../i18n/i18n.svelte';

/** What a search looks through, in the officer's language. */
export function searchText(alert: Alert): string {
  const { number, camera, camera_name, place, agency, owner } = alert;
  const kind = i18n.t.kindTitle(alert.kind, titleStateOf(alert));
  return [number, camera, camera_name, place, agency, owner?.name, kind].join(' ');
}

export function countsOf(alerts: readonly Alert[]): Record<Filter, number> {
  const groups: Record<Group, number> = {
    unanswered: 0,
    working: 0,
    review: 0,
    shelved: 0,
    closed: 0,
  };
  for (const alert of alerts) groups[groupOf(alert)] += 1;
  const cosign = alerts.filter(isForLeader).length;
  const still_seen = alerts.filter(isStillSeen).length;
  return { ...groups, cosign, still_seen, open: groups.unanswered + groups.working };
}
