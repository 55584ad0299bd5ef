/** The situation report: what is asked for, and its lines by part. Pure. */

import type { components } from '../api/schema';
import { dateField, toDateField } from '../time/periods';

export type Situation = components['schemas']['SituationResponse'];
export type SituationLine = components['schemas']['SituationLineResponse'];
export type SituationPart = components['schemas']['SituationPart'];
export type SituationPeriod = components['schemas']['SituationPeriod'];

export const SITUATION_PERIODS: readonly SituationPeriod[] = [
  'day',
  'month',
  'quarter',
  'half_year',
  'year',
];
export const SITUATION_PARTS: readonly SituationPart[] = [
  'incidents',
  'calls',
  'alerts',
  'response',
];

/** What became of what is counted, what is true first. */
export const VERDICTS = ['confirmed', 'unjudged', 'rejected'] as const;

/** Whether the part counts what can be true or not. */
export function isJudged(part: SituationPart): boolean {
  return part === 'incidents' || part === 'alerts';
}

export interface SituationChoice {
  readonly period: SituationPeriod;
  /** A day of the period, as a date field writes it; empty is today. */
  readonly day: string;
}

export function situationChoiceOf(search: string): SituationChoice {
  const query = new URLSearchParams(search);
  const period = SITUATION_PERIODS.find((each) => each === query.get('period')) ?? 'day';
  const day = query.get('day') ?? '';
  return { period, day: dateField(day) === null ? '' : day };
}

export function situationSearchOf({ period, day }: SituationChoice): string {
  const query = new URLSearchParams({ period });
  if (day !== '') query.set('day', day);
  return `?${query}`;
}

/** The day before or after one; today where it is not chosen. */
export function dayBeside(day: string, shift: number, now: number): string {
  const at = dateField(day) ?? dateField(toDateField(now)) ?? now;
  return toDateField(at + shift * 86_400_000);
}

export function linesOf(situation: Situation, part: SituationPart): readonly SituationLine[] {
  return situation.lines.filter((line) => line.part === part);
}

/** What a figure did since an earlier one: `+3`, `-2`; empty where it is the same, or unknown. */
export function difference(now: number | null, before: number | null): string {
  if (now === null || before === null) return '';
  const change = Math.round(now) - Math.round(before);
  return change === 0 ? '' : change > 0 ? `+${change}` : String(change);
}
