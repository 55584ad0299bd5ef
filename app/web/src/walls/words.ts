/** What the wall says of an entry, in the words of the desk. */

import { markOf } from '../alert/triage';
import { answerWithinS, countedSources, placeLine } from '../desk/words';
import { titleStateOf } from '../history/outcome';
import { i18n } from '../i18n/i18n.svelte';
import type { Entry } from '../incidents/entries';

/** What it is, and what tells of it. */
export function kindOf({ alert, row }: Entry): string {
  const callKinds: Readonly<Record<string, string>> = i18n.t.calls.kinds;
  const kind = alert
    ? i18n.t.kindTitle(alert.kind, titleStateOf(alert))
    : (callKinds[row?.kind ?? ''] ?? '');
  return joined(kind, row && countedSources(row.source_counts, i18n.t.row.signs));
}

export function placeOf({ alert, row }: Entry): string {
  return (alert ? placeLine(alert) : row?.place.text) || i18n.t.list.noPlace;
}

/** Who is sent, else who has it; of what nobody has, why it stands above others (smoke shows flame). */
export function standingOf({ alert, row, isAnswered }: Entry): string {
  if (alert?.cosign_wanted_by) return i18n.t.list.cosign;
  if (!isAnswered) {
    const mark = alert && markOf(alert);
    return joined(mark && i18n.t.list.marks[mark], i18n.t.list.unclaimed);
  }
  if (row?.state === 'dispatched' && row.step) {
    const units = row.units.length;
    return joined(i18n.t.incidents.states[row.step], units > 0 && i18n.t.map.units(units));
  }
  const state = alert?.state === 'confirmed' ? 'confirmed' : 'acknowledged';
  return joined(i18n.t.states[state], (row ? row.holder : alert?.owner)?.name);
}

/** Whether nobody took it in time. */
export function isLate({ isAnswered, alert, severity, since }: Entry, now: number): boolean {
  const weight = alert ?? { kind: '', priority: severity === 'p1' ? 1 : 2 };
  return !isAnswered && now - since > answerWithinS(weight) * 1000;
}

function joined(...parts: readonly (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(' · ');
}
