/** The roster as a table of days. Pure; instants are UTC milliseconds. */

import type { components } from '../api/schema';
import { dateField, dayAt, HANOI_OFFSET_MS, type Span } from '../time/periods';

export type RosterDuty = components['schemas']['DutyResponse'];
export type DutyKind = components['schemas']['Duty'];
export type RosterView = 'week' | 'month';

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** 1 January 1970 was a Thursday, the fourth day of a week. */
const MONDAY_OFFSET = 3;

export interface RosterDay {
  readonly at: number;
  readonly duties: Readonly<Record<DutyKind, readonly RosterDuty[]>>;
}

/** The week (from Monday) or the month that holds an instant. */
export function rosterSpan(view: RosterView, now: number): Span {
  const today = dayAt(now).from;
  if (view === 'week') {
    const number = Math.floor((today + HANOI_OFFSET_MS) / DAY_MS);
    const from = today - ((number + MONDAY_OFFSET) % WEEK_DAYS) * DAY_MS;
    return { from, to: from + WEEK_DAYS * DAY_MS };
  }
  const local = new Date(today + HANOI_OFFSET_MS);
  const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
  return {
    from: Date.UTC(year, month, 1) - HANOI_OFFSET_MS,
    to: Date.UTC(year, month + 1, 1) - HANOI_OFFSET_MS,
  };
}

/** Every day of a span with the duties that begin on it; those from before stand on its first. */
export function rosterDays(span: Span, duties: readonly RosterDuty[]): readonly RosterDay[] {
  const days: RosterDay[] = [];
  for (let at = span.from; at < span.to; at += DAY_MS) {
    const here = duties.filter((duty) => {
      const begins = Math.max(Date.parse(duty.begins_at), span.from);
      return begins >= at && begins < at + DAY_MS;
    });
    const of = (kind: DutyKind): readonly RosterDuty[] => here.filter((duty) => duty.duty === kind);
    days.push({ at, duties: { desk: of('desk'), on_call: of('on_call') } });
  }
  return days;
}

/** The instant of a date field and a clock field; null where either is none. */
export function moment(day: string, clock: string): number | null {
  const midnight = dateField(day);
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(clock);
  if (midnight === null || !found) return null;
  return midnight + (Number(found[1]) * 60 + Number(found[2])) * 60_000;
}
