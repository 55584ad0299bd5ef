/** What of the history is asked for; kept in the address, so that a link shows the same. Pure. */

import { between, dayAt, lastDays, type Span } from '../time/periods';

export const SPANS = ['today', '7d', '30d', 'all', 'dates'] as const;
export type SpanName = (typeof SPANS)[number];

export const OUTCOMES = ['confirmed', 'rejected', 'none'] as const;
export type OutcomeName = (typeof OUTCOMES)[number];

export interface Filters {
  readonly span: SpanName;
  /** Date fields, for the span `dates` only; both days are included. */
  readonly from: string;
  readonly to: string;
  readonly q: string;
  readonly kind: string;
  readonly camera: string;
  readonly area: string;
  readonly agency: string;
  readonly state: string;
  readonly outcome: string;
  readonly reason: string;
  /** A temporary watch area: what its rules raised. */
  readonly watch_area: string;
  /** Local times of day, `22:30`; from evening to morning is over midnight. */
  readonly clock_from: string;
  readonly clock_until: string;
  /** Round a place: `21.0285,105.8542`. */
  readonly near: string;
  /** A column, with `-` before it from the greatest down; empty is best match, then newest. */
  readonly sort: string;
}

export const NOTHING: Filters = {
  span: '7d',
  from: '',
  to: '',
  q: '',
  kind: '',
  camera: '',
  area: '',
  agency: '',
  state: '',
  outcome: '',
  reason: '',
  watch_area: '',
  clock_from: '',
  clock_until: '',
  near: '',
  sort: '',
};

/** The columns that sort, by what stands above them on the screen. */
export const COLUMNS = {
  what: 'kind',
  when: 'raised_at',
  where: 'camera',
  owner: 'agency',
  answer: 'answered',
  outcome: 'outcome',
} as const;
export type Column = keyof typeof COLUMNS;

/** The order after a press on a column: up, down, and back to the list's own. */
export function nextSort(sort: string, column: Column): string {
  const name = COLUMNS[column];
  if (sort === name) return `-${name}`;
  return sort === `-${name}` ? '' : name;
}

const SORTS = Object.values(COLUMNS).flatMap((name) => ['', name, `-${name}`]);
const NAMES = Object.keys(NOTHING) as (keyof Filters)[];

/** The filters of an address's question part; what is unknown there is left out. */
export function filtersOf(search: string): Filters {
  const query = new URLSearchParams(search);
  const found: Record<string, string> = { ...NOTHING };
  for (const name of NAMES) found[name] = query.get(name) ?? NOTHING[name];
  if (!SPANS.some((span) => span === found['span'])) found['span'] = NOTHING.span;
  if (!SORTS.includes(found['sort'] ?? '')) found['sort'] = NOTHING.sort;
  return found as unknown as Filters;
}

/** The question part that shows these filters; empty when nothing is asked. */
export function searchOf(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    if (filters[name] !== NOTHING[name]) query.set(name, filters[name]);
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The span in time, null for all of it (and while the dates are not whole). */
export function spanOf(filters: Filters, now: number): Span | null {
  switch (filters.span) {
    case 'today':
      return dayAt(now);
    case '7d':
      return lastDays(now, 7);
    case '30d':
      return lastDays(now, 30);
    case 'dates':
      return between(filters.from, filters.to);
    case 'all':
      return null;
  }
}

/** What the centre is asked. */
export function queryOf(filters: Filters, now: number): URLSearchParams {
  const query = new URLSearchParams();
  const span = spanOf(filters, now);
  if (span) {
    query.set('since', String(span.from / 1000));
    query.set('until', String(span.to / 1000));
  }
  for (const [name, value] of [
    ['q', filters.q.trim()],
    ['kind', filters.kind],
    ['camera', filters.camera],
    ['area', filters.area],
    ['agency', filters.agency],
    ['state', filters.state],
    ['outcome', filters.outcome],
    ['reject_reason', filters.reason],
    ['watch_area', filters.watch_area],
    ['clock_from', filters.clock_from],
    ['clock_until', filters.clock_until],
    ['near', filters.near],
    ['sort', filters.sort],
  ] as const) {
    if (value) query.set(name, value);
  }
  return query;
}

/** How many filters besides the span are set. */
export function countOf(filters: Filters): number {
  return NAMES.filter(
    (name) => !['span', 'from', 'to', 'sort'].includes(name) && filters[name] !== NOTHING[name],
  ).length;
}
