/** Which alert is answered first, and which list it stands in. Pure. */

import type { Alert } from '../api/types';
import { rankOf } from './severity';

/** Nobody has it; somebody has it; it is doubted; it is laid aside for a while; it is done. */
export type Group = 'unanswered' | 'working' | 'review' | 'shelved' | 'closed';

export type Filter = 'open' | Group;

export const FILTERS: readonly Filter[] = [
  'open',
  'unanswered',
  'working',
  'review',
  'closed',
  'shelved',
];

const GROUP_ORDER: Record<Group, number> = {
  unanswered: 0,
  working: 1,
  review: 2,
  shelved: 3,
  closed: 4,
};

type Standing = Pick<Alert, 'state' | 'shelf' | 'kind' | 'priority'>;

export function groupOf(alert: Standing): Group {
  if (alert.state === 'closed') return 'closed';
  if (alert.shelf !== null) return 'shelved';
  if (isDoubted(alert)) return 'review';
  return alert.state === 'new' ? 'unanswered' : 'working';
}

/** Fire or smoke that the machine itself hardly believes, and that nobody has judged. */
export function isDoubted({
  state,
  kind,
  priority,
}: Pick<Alert, 'state' | 'kind' | 'priority'>): boolean {
  const burning = kind === 'fire' || kind === 'smoke';
  return burning && priority === 3 && (state === 'new' || state === 'acknowledged');
}

/** It stands on the screens as something that goes on; what is doubted stands apart. */
export function isOpen(alert: Alert): boolean {
  return groupOf(alert) === 'unanswered' || groupOf(alert) === 'working';
}

/** Unanswered before held before closed; P1 before P2; a drill after what is real; the newest on top. */
export function compareForTriage(a: Alert, b: Alert): number {
  const group = groupOf(a);
  const byGroup = GROUP_ORDER[group] - GROUP_ORDER[groupOf(b)];
  if (byGroup !== 0) return byGroup;
  if (group === 'closed') return newest(a.closed_at ?? a.raised_at, b.closed_at ?? b.raised_at);
  const byRank = rankOf(a) - rankOf(b) || Number(a.exercise) - Number(b.exercise);
  return byRank || newest(a.raised_at, b.raised_at) || (a.id < b.id ? 1 : -1);
}

export function passes(alert: Alert, filter: Filter): boolean {
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
  const haystack = fold(text);
  return fold(question)
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

function newest(a: string, b: string): number {
  return Date.parse(b) - Date.parse(a);
}
