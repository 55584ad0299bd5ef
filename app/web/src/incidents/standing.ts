/** Where a row stands on the desk, and what tells taken work nothing new. Pure. */

import { isOfDevice } from '../alert/film';
import { markOf, type Group } from '../alert/triage';
import type { Alert } from '../api/types';
import type { Row, Source } from './incident';

/** Whether an incident has ended. */
export function isOver({ state }: Pick<Row, 'state'>): boolean {
  return state === 'closed' || state === 'rejected';
}

/** Where a row stands on the desk: what nobody has, what somebody has, what is light or over. */
export function groupOfRow(row: Pick<Row, 'section' | 'holder' | 'state'>): Group {
  const { section, holder } = row;
  if (isOver(row)) return 'closed';
  if (section === 'look') return 'review';
  return holder === null ? 'unanswered' : 'working';
}

type Told = Pick<Source, 'id' | 'kind' | 'priority'>;

/**
 * Whether a source tells taken work nothing new: another of its kind, as urgent, was seen there. It
 * stands unseen with its clock, and makes no sound.
 */
export function isRepeat({ id, kind, priority }: Told, row: Row | null): boolean {
  if (row?.type !== 'incident' || row.holder === null) return false;
  return row.sources.some(
    (one) =>
      one.id !== id &&
      one.kind === kind &&
      one.unseen_since === null &&
      (one.priority ?? row.priority) <= (priority ?? row.priority),
  );
}

/** Of an alert; what has grown, or came back, is none. */
export function repeats(alert: Alert, row: Row | null): boolean {
  const kind = isOfDevice(alert) ? 'device' : 'camera';
  return markOf(alert) === null && isRepeat({ ...alert, kind }, row);
}
