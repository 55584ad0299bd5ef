/** Which alert is answered first, and which list it stands in. Pure. */

import type { Alert } from '../api/types';
import { isStillSeen } from '../history/outcome';
import { isSystemKind } from './alert-kinds.svelte';
import { awaitsCosign } from './life';
import { isDoubted, rankOf } from './severity';

/**
 * Nobody has it; somebody has it; it is doubted; the watch itself is in trouble, which technicians
 * answer; it is laid aside for a while; it is done.
 */
export type Group = 'unanswered' | 'working' | 'review' | 'fault' | 'shelved' | 'closed';

/** The lists to choose from; the groups of what is open are sections of one list. `cosign`: rejections that wait for a leader's word; `still_seen`: closed as real, yet still seen. */
export type Filter = 'open' | 'cosign' | 'still_seen' | Group;

export const FILTERS = [
  'open',
  'cosign',
  'fault',
  'still_seen',
  'closed',
  'shelved',
] as const satisfies readonly Filter[];

const GROUP_ORDER: Record<Group, number> = {
  unanswered: 0,
  working: 1,
  review: 2,
  fault: 3,
  shelved: 4,
  closed: 5,
};

type Standing = Pick<Alert, 'state' | 'shelf' | 'kind' | 'priority'>;

export function groupOf(alert: Standing): Group {
  if (alert.state === 'closed') return 'closed';
  if (alert.shelf !== null) return 'shelved';
  if (isSystemKind(alert.kind)) return 'fault';
  if (isDoubted(alert)) return 'review';
  return alert.state === 'new' ? 'unanswered' : 'working';
}

/** It stands on the screens as something that goes on; what is doubted, and faults, stand apart. */
export function isOpen(alert: Alert): boolean {
  return groupOf(alert) === 'unanswered' || groupOf(alert) === 'working';
}

/** Why an unanswered alert stands above others of its priority. */
export type Mark = 'returned' | 'grown' | 'burns';

const MARKS: Readonly<Record<string, Mark>> = {
  lease_expired: 'returned',
  returned: 'returned',
  recurred: 'returned',
  area_doubled: 'grown',
  another_zone: 'grown',
  priority_rose: 'grown',
  worse_kind: 'burns',
  grew_after_rejection: 'grown',
  surer_after_rejection: 'grown',
  agreed_after_rejection: 'grown',
  grew_after_closing: 'grown',
};

/** Null for what is not waiting, or waits for the first time as it was first seen. */
export function markOf(alert: Alert): Mark | null {
  return groupOf(alert) === 'unanswered' ? (MARKS[alert.spoke_reason] ?? null) : null;
}

/** Who told of a P1 beside its camera; null while nobody did, or once it is over. */
export function corroborationOf(alert: Alert): 'call' | 'device' | null {
  const goesOn = alert.state === 'new' || alert.state === 'acknowledged';
  return goesOn && rankOf(alert) === 1 ? alert.corroboration : null;
}

/** A rejection that only a leader can finish. */
export function isForLeader(alert: Alert): boolean {
  return awaitsCosign(alert) && isOpen(alert);
}

/**
 * Unanswered before held before closed; then as urgent as the centre says (`urgency`); a drill after
 * what is real. Unanswered ones:
 * returned and grown ones on top, then the longest waiting; held ones: the newest on top.
 */
export function compareForTriage(a: Alert, b: Alert): number {
  const group = groupOf(a);
  const byGroup = GROUP_ORDER[group] - GROUP_ORDER[groupOf(b)];
  if (byGroup !== 0) return byGroup;
  const byFault = group === 'fault' ? faultPlace(a) - faultPlace(b) : 0;
  if (byFault !== 0) return byFault;
  if (group === 'closed') return newest(a.closed_at ?? a.raised_at, b.closed_at ?? b.raised_at);
  const byRank = a.urgency - b.urgency || Number(a.exercise) - Number(b.exercise);
  if (byRank !== 0) return byRank;
  const sameTime = a.id < b.id ? -1 : 1;
  if (group !== 'unanswered') return newest(a.raised_at, b.raised_at) || sameTime;
  const byMark = Number(markOf(b) !== null) - Number(markOf(a) !== null);
  return byMark || newest(b.raised_at, a.raised_at) || sameTime;
}

/** A fault that nobody has, then one that somebody has, then one that is over by itself. */
function faultPlace(alert: Alert): number {
  if (alert.condition === 'cleared') return 2;
  return alert.state === 'new' ? 0 : 1;
}

export function passes(alert: Alert, filter: Filter): boolean {
  if (filter === 'cosign') return isForLeader(alert);
  if (filter === 'still_seen') return isStillSeen(alert);
  return filter === 'open' ? isOpen(alert) : groupOf(alert) === filter;
}

/** An unanswered P1: it sounds, it is never folded, and no filter hides it in silence. */
export function isUrgent(alert: Alert): boolean {
  return groupOf(alert) === 'unanswered' && rankOf(alert) === 1;
}

/** Vietnamese typed without marks finds Vietnamese written with them. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/đ/g, 'd')
    .replace(/Đ/g, 'D')
    .toLowerCase();
}

/** Every word of the question stands somewhere in the text. */
export function matches(question: string, text: string): boolean {
  return hasAll(fold(text), wordsOf(question));
}

/** What must stand in a folded text; none for an empty question. */
export function wordsOf(question: string): readonly string[] {
  return fold(question).split(/\s+/).filter(Boolean);
}

export function hasAll(folded: string, words: readonly string[]): boolean {
  return words.every((word) => folded.includes(word));
}

function newest(a: string, b: string): number {
  return Date.parse(b) - Date.parse(a);
}
