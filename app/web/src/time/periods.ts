/**
 * Spans of Hà Nội's calendar. Pure; instants are UTC milliseconds, a span's end is excluded. The
 * ministry's months run from the 15th to the 14th and are named after the month they end in: its
 * first quarter of 2025 was 15/12/2024 – 14/03/2025.
 */

const DAY_MS = 86_400_000;
/** Hà Nội's clock is so far ahead of UTC; it has no summer time. */
export const HANOI_OFFSET_MS = 7 * 3_600_000;
const FIRST_DAY = 15;

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface NamedSpan extends Span {
  readonly year: number;
  /** The month, quarter or half within the ministry's year; 1 for a whole year. */
  readonly part: number;
}

/** The local midnight that a day of the calendar begins with; months from 1, and may overflow. */
export function dayStart(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) - HANOI_OFFSET_MS;
}

/** The day that holds an instant, or the one so many days from it. */
export function dayAt(now: number, shift = 0): Span {
  const from =
    Math.floor((now + HANOI_OFFSET_MS) / DAY_MS) * DAY_MS - HANOI_OFFSET_MS + shift * DAY_MS;
  return { from, to: from + DAY_MS };
}

/** So many whole days, today the last of them. */
export function lastDays(now: number, days: number): Span {
  const today = dayAt(now);
  return { from: today.to - days * DAY_MS, to: today.to };
}

/**
 * The ministry's period that holds an instant, of so many months (1, 3, 6 or 12), or one that lies
 * `shift` periods from it.
 */
export function ministry(now: number, months: number, shift = 0): NamedSpan {
  const local = new Date(now + HANOI_OFFSET_MS);
  const turned = local.getUTCDate() >= FIRST_DAY ? 1 : 0;
  // Months counted from year 0, named after the month in which they end.
  const month = local.getUTCFullYear() * 12 + local.getUTCMonth() + turned;
  const index = Math.floor(month / months) + shift;
  const first = index * months;
  return {
    from: ministryStart(first),
    to: ministryStart(first + months),
    year: Math.floor(first / 12),
    part: (first % 12) / months + 1,
  };
}

/** The 15th of the month before the one that a ministry's month is named after. */
function ministryStart(month: number): number {
  return dayStart(Math.floor(month / 12), month % 12, FIRST_DAY);
}

/** The midnight of a date field (`2026-11-24`); null for anything else. */
export function dateField(text: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!found) return null;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  const at = dayStart(year, month, day);
  return toDateField(at) === text ? at : null;
}

/** An instant's local date as a date field writes it. */
export function toDateField(at: number): string {
  return new Date(at + HANOI_OFFSET_MS).toISOString().slice(0, 10);
}

/** The span from one date field to another, both days included; null when it is none. */
export function between(first: string, last: string): Span | null {
  const from = dateField(first);
  const to = dateField(last);
  return from === null || to === null || to < from ? null : { from, to: to + DAY_MS };
}
