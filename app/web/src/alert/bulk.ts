/** One command for many alerts: which of them it concerns, and what is sent for each. Pure. */

import type { Action, Alert } from '../api/types';
import { awaitsCosign, needsCosign, refused, rowRefused, type Officer } from './life';
import { groupOf, isOpen, markOf } from './triage';

/** Commands that may be given to many alerts at once. */
export const BULK_ACTIONS: readonly Action[] = [
  'acknowledge',
  'confirm',
  'reject',
  'close',
  'note',
  'hand_over',
];

/** A verdict on what nobody holds takes it first. */
const TAKES_FIRST: ReadonlySet<Action> = new Set<Action>(['confirm', 'reject', 'hand_over']);

/**
 * What must be sent for this alert, in order; empty where the command is not for it. What is nothing
 * is over by the same word, where no leader has to sign.
 */
export function stepsFor(action: Action, alert: Alert, user: Officer): readonly Action[] {
  const steps = untilDone(action, alert, user);
  const ends = action === 'reject' && steps.length > 0 && !needsCosign(alert, user);
  return ends ? [...steps, 'close'] : steps;
}

/** What must be sent for a whole incident, in order. */
export function stepsForRow(
  action: Action,
  row: Parameters<typeof rowRefused>[1],
  user: Officer,
): readonly Action[] {
  const why = rowRefused(action, row, user);
  if (why === null) return [action];
  return why === 'not_taken' && action === 'hand_over' ? ['acknowledge', action] : [];
}

function untilDone(action: Action, alert: Alert, user: Officer): readonly Action[] {
  if (refused(action, alert, user) === null) return [action];
  if (!TAKES_FIRST.has(action) || alert.state !== 'new' || awaitsCosign(alert)) return [];
  return refused('acknowledge', alert, user) === null ? ['acknowledge', action] : [];
}

/**
 * The open alerts of one kind in one ward with this one among them. What has grown since it was
 * raised is left out: it is looked at by itself.
 */
export function groupAround(alert: Alert, alerts: readonly Alert[]): readonly string[] {
  return alerts
    .filter((each) => each.id === alert.id || (isAlike(each, alert) && isPlain(each)))
    .map((each) => each.id);
}

function isAlike(a: Alert, b: Alert): boolean {
  return a.kind === b.kind && (a.place ?? '') === (b.place ?? '') && a.exercise === b.exercise;
}

function isPlain(alert: Alert): boolean {
  return (
    isOpen(alert) &&
    groupOf(alert) !== 'shelved' &&
    !['grown', 'burns'].includes(markOf(alert) ?? '')
  );
}
