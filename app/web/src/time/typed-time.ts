/**
 * A date, a moment or a time of day as it is typed in Việt Nam, day before month, and as it is kept:
 * `2026-11-24`, `2026-11-24T14:02`, `14:02`. Pure.
 */

export type TimeKind = 'date' | 'moment' | 'time';

const DAY = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$/;
const DIGITS = /^(\d\d)(\d\d)(\d{4})$/;
const ISO_DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d{1,2})(?:h|[:h.]?(\d\d)(?:[:.](\d\d))?)$/;
const MOMENT = /^(\S.*\S)[T\s]+(\S+)$/;
const DAY_MS = 86_400_000;

/** What was typed, as it is kept; empty for nothing, null for what is no such time. */
export function typedAs(kind: TimeKind, typed: string): string | null {
  const text = typed.trim();
  if (text === '') return '';
  if (kind === 'date') return dayOf(text);
  if (kind === 'time') return timeOf(text);
  const [, first = '', second = ''] = MOMENT.exec(text) ?? [];
  const [day, time] = [dayOf(first), timeOf(second)];
  return day === null || time === null ? null : `${day}T${time}`;
}

/** What is kept, as it stands in the field. */
export function shownAs(kind: TimeKind, kept: string): string {
  const [day = '', time = ''] = kind === 'time' ? ['', kept] : kept.split('T');
  const shown = day.split('-').reverse().join('/');
  return [shown, time].filter(Boolean).join(' ');
}

/** The same so many days later. */
export function daysLater(kept: string, days: number): string {
  const [day = '', time] = kept.split('T');
  const at = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at)) return kept;
  const moved = new Date(at + days * DAY_MS).toISOString().slice(0, day.length);
  return time === undefined ? moved : `${moved}T${time}`;
}

function dayOf(text: string): string | null {
  const iso = ISO_DAY.exec(text);
  const [, day = '', month = '', year = ''] = DAY.exec(text) ?? DIGITS.exec(text) ?? [];
  const made = iso ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${made}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, made.length) !== made
    ? null
    : made;
}

function timeOf(text: string): string | null {
  const [, hour = '', minute = '00', second] = TIME.exec(text) ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59)
    return null;
  const made = `${hour.padStart(2, '0')}:${minute}`;
  return second === undefined ? made : `${made}:${second}`;
}
