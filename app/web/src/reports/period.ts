/** Which period a report is about; kept in the address. Pure. */

import { between, dayAt, lastDays, ministry, type Span } from '../time/periods';

export const PERIODS = [
  'today',
  'yesterday',
  '7d',
  'month',
  'last_month',
  'quarter',
  'year',
  'shift',
  'dates',
] as const;
export type PeriodName = (typeof PERIODS)[number];

export interface Choice {
  readonly period: PeriodName;
  /** Date fields, both days included, for `dates`. */
  readonly from: string;
  readonly to: string;
  /** The id of a shift, for `shift`. */
  readonly shift: string;
}

export interface ShiftSpan {
  readonly id: string;
  readonly taken_at: string;
  readonly ended_at: string | null;
}

export interface Chosen extends Span {
  /** Of a ministry's period: its year and its number in it. */
  readonly year?: number;
  readonly part?: number;
}

export function choiceOf(search: string): Choice {
  const query = new URLSearchParams(search);
  const asked = query.get('period');
  const period = PERIODS.find((each) => each === asked) ?? 'today';
  return {
    period,
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
    shift: query.get('shift') ?? '',
  };
}

export function searchOf(choice: Choice): string {
  const query = new URLSearchParams({ period: choice.period });
  if (choice.period === 'dates') {
    query.set('from', choice.from);
    query.set('to', choice.to);
  }
  if (choice.period === 'shift') query.set('shift', choice.shift);
  return `?${query}`;
}

/** The chosen span; null while dates are not whole, or the shift is not known. */
export function chosen(choice: Choice, shifts: readonly ShiftSpan[], now: number): Chosen | null {
  switch (choice.period) {
    case 'today':
      return dayAt(now);
    case 'yesterday':
      return dayAt(now, -1);
    case '7d':
      return lastDays(now, 7);
    case 'month':
      return ministry(now, 1);
    case 'last_month':
      return ministry(now, 1, -1);
    case 'quarter':
      return ministry(now, 3);
    case 'year':
      return ministry(now, 12);
    case 'shift':
      return ofShift(shiftOf(choice, shifts), now);
    case 'dates':
      return between(choice.from, choice.to);
  }
}

/** The shift that a report is asked for; the newest where none is named. Null for other periods. */
export function shiftOf(choice: Choice, shifts: readonly ShiftSpan[]): ShiftSpan | null {
  if (choice.period !== 'shift') return null;
  const named = shifts.find((each) => each.id === choice.shift);
  return named ?? (choice.shift === '' ? (shifts[0] ?? null) : null);
}

/** A shift that goes on is reported up to now. */
function ofShift(shift: ShiftSpan | null, now: number): Span | null {
  if (!shift) return null;
  const from = Date.parse(shift.taken_at);
  const to = shift.ended_at === null ? now : Date.parse(shift.ended_at);
  return { from, to: Math.max(to, from + 1000) };
}
