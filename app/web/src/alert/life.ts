/**
 * What this officer may do with this alert now. The centre decides (its own table is the law); this
 * only greys out keys that would be refused and says why. Pure.
 */

import type { Action, Alert, User } from '../api/types';
import type { Row } from '../incidents/incident';
import { isSystemKind } from './alert-kinds.svelte';
import { isDoubted } from './severity';

/** Why an action is not offered. */
export type Refused =
  | 'role'
  | 'taken'
  | 'not_taken'
  | 'no_verdict'
  | 'has_verdict'
  | 'leader_only'
  | 'awaits_leader'
  | 'open'
  | 'closed'
  | 'free'
  | 'mine';

export type Officer = Pick<User, 'username' | 'roles'>;

export function hasRole({ roles }: Pick<Officer, 'roles'>, ...wanted: User['roles']): boolean {
  return wanted.some((role) => roles.includes(role));
}

export function mayAct(user: Officer): boolean {
  return user.roles.includes('operator') || leads(user);
}

/** Another agency's person: reads what is its own, says that it was read, and writes beside it. */
export function isAgency(user: Officer): boolean {
  return user.roles.includes('agency') && !mayAct(user);
}

/** Whether this officer may answer this alert: faults of the watch are technicians' too. */
export function mayAnswer(user: Officer, alert: Pick<Alert, 'kind'>): boolean {
  return mayAct(user) || (mends(user) && isSystemKind(alert.kind));
}

/** A technician: who mends cameras, workers and disks. */
export function mends(user: Officer): boolean {
  return user.roles.includes('technician');
}

/** Whom faults call: technicians, and a leader while no technician has a screen open. */
export function hearsFaults(user: Officer, technicianWatches: boolean): boolean {
  return mends(user) || (leads(user) && !technicianWatches);
}

export function leads(user: Officer): boolean {
  return user.roles.includes('leader');
}

/** A P1 that an operator rejected waits for a leader's word before it counts as rejected. */
export function awaitsCosign(alert: Alert): boolean {
  return alert.cosign_wanted_by !== null;
}

/** A rejection of this alert by this officer will need a leader, as the centre says. */
export function needsCosign(alert: Alert, user: Officer): boolean {
  return alert.takes_two && !leads(user);
}

export function isMine(alert: Alert, user: Officer): boolean {
  return alert.owner?.username === user.username;
}

/** Null when the action is offered. */
export function refused(action: Action, alert: Alert, user: Officer): Refused | null {
  if (isAgency(user) && (action === 'note' || action === 'receipt')) return null;
  if (!mayAnswer(user, alert)) return 'role';
  switch (action) {
    case 'acknowledge':
      if (alert.state === 'closed') return 'closed';
      return alert.state === 'new' ? null : 'taken';
    case 'confirm':
    case 'reject':
      return verdictRefused(action, alert, user);
    case 'close':
      if (alert.state === 'closed') return 'closed';
      return alert.state === 'confirmed' || alert.state === 'rejected' ? null : 'no_verdict';
    case 'reopen':
      if (alert.state === 'new' || alert.state === 'acknowledged') return 'open';
      return leads(user) ? null : 'leader_only';
    case 'note':
      return null;
    case 'receipt':
      return 'role';
    case 'claim':
      if (alert.state === 'new') return 'free';
      if (isMine(alert, user)) return 'mine';
      return givenAway(alert);
    case 'hand_over':
      if (alert.state === 'new') return 'not_taken';
      return isMine(alert, user) || leads(user) ? givenAway(alert) : 'taken';
  }
}

/** What is done to an incident with all its sources; a verdict is of one source. */
const OF_INCIDENT = ['acknowledge', 'claim', 'hand_over', 'close'] as const;

export function isOfIncident(action: Action): action is (typeof OF_INCIDENT)[number] {
  return OF_INCIDENT.some((each) => each === action);
}

/** Null when the action is offered for a whole incident. */
export function rowRefused(
  action: Action,
  row: Pick<Row, 'state' | 'holder' | 'unseen'>,
  user: Officer,
): Refused | null {
  if (!mayAct(user)) return 'role';
  if (row.state === 'closed') return 'closed';
  const isFree = row.holder === null;
  const isOwn = row.holder?.username === user.username;
  if (action === 'acknowledge') return isFree || (isOwn && row.unseen > 0) ? null : 'taken';
  if (action === 'claim') return isFree ? 'free' : isOwn ? 'mine' : null;
  if (isOwn || (action === 'hand_over' && leads(user) && !isFree)) return null;
  return isFree ? 'not_taken' : 'taken';
}

/** The life of what is displayed, as its keys stand. */
export const STEPS = ['acknowledge', 'confirm', 'reject', 'close'] as const;
export type Step = (typeof STEPS)[number];

type Sent = Pick<Row, 'state' | 'step' | 'holder' | 'unsettled'> & {
  readonly sources: readonly Pick<Row['sources'][number], 'id' | 'verdict'>[];
};

/**
 * The step to recommend, of those that are offered: a confirmed incident is given units, and is
 * ended when it is under control. Null where somebody else's word is awaited.
 */
export function nextStep(
  shown: { readonly id: string | null; readonly alert: Alert | null; readonly row: Sent | null },
  user: Officer,
  isOffered: (step: Step) => boolean,
): Step | 'dispatch' | null {
  const { alert, row } = shown;
  if (row && isUnsent(row) && row.holder?.username === user.username) return 'dispatch';
  if (alert && awaitsCosign(alert)) return null;
  const isJudged = !alert && row?.sources.some(({ id, verdict }) => id === shown.id && verdict);
  const next = STEPS.find(
    (step) => isOffered(step) && !(isJudged && (step === 'confirm' || step === 'reject')),
  );
  return next === 'close' && row && !isSettled(row) ? null : (next ?? null);
}

/** Somebody said that it is real, and nobody was sent. */
function isUnsent({ state, sources }: Sent): boolean {
  const isOpen = state === 'new' || state === 'verifying';
  return state === 'confirmed' || (isOpen && sources.some(({ verdict }) => verdict === 'true'));
}

function isSettled({ state, step, unsettled }: Sent): boolean {
  return state === 'dispatched' ? step === 'controlled' : unsettled === 0;
}

/** A finished alert is in nobody's hands any more. */
function givenAway(alert: Alert): Refused | null {
  if (alert.state === 'closed') return 'closed';
  return alert.state === 'rejected' ? 'has_verdict' : null;
}

function verdictRefused(action: 'confirm' | 'reject', alert: Alert, user: Officer): Refused | null {
  if (alert.state === 'closed') return 'closed';
  if (alert.state === 'confirmed' || alert.state === 'rejected') return 'has_verdict';
  if (awaitsCosign(alert) && leads(user)) return null;
  if (awaitsCosign(alert) && action === 'reject') return 'awaits_leader';
  // A doubt is answered with one key: it is taken on the way (`Orders`).
  if (alert.state === 'new') return isDoubted(alert) ? null : 'not_taken';
  return isMine(alert, user) || leads(user) ? null : 'taken';
}
