/** Outcomes and statistics as the screens use them: the centre's shapes, its requests. */

import { api } from '../api/client';
import type { components } from '../api/schema';
import { toDateField } from '../time/periods';

type Schemas = components['schemas'];
export type Outcome = Schemas['OutcomeResponse'];
export type OutcomeFacts = Schemas['OutcomeFactsResponse'];
export type FireCause = Schemas['FireCause'];
export type Premises = Schemas['Premises'];
export type Statistics = Schemas['StatisticsResponse'];
export type StatisticRow = Schemas['StatisticRowResponse'];
export type StatisticPart = Schemas['StatisticPart'];
export type StatisticPopulation = Schemas['Population'];
export type StatisticIncidents = Schemas['StatisticIncidentsResponse'];

export const STATISTIC_PARTS = [
  'incidents',
  'outcome',
  'other_outcome',
  'cause',
  'premises',
  'response',
  'calls',
] as const satisfies readonly StatisticPart[];

export const CAUSES = [
  'electrical',
  'open_fire',
  'hot_work',
  'technical',
  'gas',
  'vehicle',
  'arson',
  'nature',
  'self_ignition',
  'other',
  'unknown',
] as const satisfies readonly FireCause[];

export const PREMISES = [
  'house',
  'shop_house',
  'flats',
  'rooms',
  'market',
  'warehouse',
  'factory',
  'office',
  'school',
  'hospital',
  'hotel',
  'entertainment',
  'vehicle',
  'power_line',
  'open_land',
  'street',
  'other',
] as const satisfies readonly Premises[];

/** The figures that an officer writes, in the order of the form. */
export const FIGURES = [
  'dead',
  'injured',
  'rescued',
  'damage_vnd',
  'area_m2',
  'vehicles',
  'water_m3',
] as const satisfies readonly (keyof OutcomeFacts)[];

const FIELDS = [...FIGURES, 'cause', 'premises'] as const;
/** What stands in the form of an outcome; empty is not known. */
export type OutcomeFields = Record<(typeof FIELDS)[number], string>;

export function fieldsOf(facts: Partial<OutcomeFacts>): OutcomeFields {
  return fields((name) => String(facts[name] ?? '').replace('.', ','));
}

/** The fields once a colleague wrote: what was changed here since `before` stays. */
export function mergedFields(
  typed: OutcomeFields,
  before: OutcomeFields,
  now: OutcomeFields,
): OutcomeFields {
  return fields((name) => (typed[name] === before[name] ? now[name] : typed[name]));
}

function fields(value: (name: keyof OutcomeFields) => string): OutcomeFields {
  return Object.fromEntries(FIELDS.map((name) => [name, value(name)])) as OutcomeFields;
}

export const UNITS_OF_PERIOD = ['month', 'quarter', 'year'] as const;
export type PeriodUnit = (typeof UNITS_OF_PERIOD)[number];

export interface StatisticChoice {
  readonly unit: PeriodUnit;
  readonly year: number;
  /** Which month or quarter of its year; 1 of a year. */
  readonly part: number;
}

const MONTHS: Readonly<Record<PeriodUnit, number>> = { month: 1, quarter: 3, year: 12 };

/** The period of an address; Hà Nội's month of now, UTC milliseconds, where it names none. */
export function statisticChoiceOf(search: string, now: number): StatisticChoice {
  const query = new URLSearchParams(search);
  const month = /^(\d{4})-(\d{2})$/.exec(query.get('month') ?? '');
  const quarter = /^(\d{4})-Q([1-4])$/.exec(query.get('quarter') ?? '');
  const year = /^(\d{4})$/.exec(query.get('year') ?? '');
  if (month) return { unit: 'month', year: Number(month[1]), part: Number(month[2]) };
  if (quarter) return { unit: 'quarter', year: Number(quarter[1]), part: Number(quarter[2]) };
  if (year) return { unit: 'year', year: Number(year[1]), part: 1 };
  const [thisYear = 0, thisMonth = 1] = toDateField(now).split('-').map(Number);
  return { unit: 'month', year: thisYear, part: thisMonth };
}

/** `month=2026-11`, `quarter=2026-Q4`, `year=2026`. */
export function statisticQuery({ unit, year, part }: StatisticChoice): string {
  const said =
    unit === 'month' ? `-${String(part).padStart(2, '0')}` : unit === 'quarter' ? `-Q${part}` : '';
  return `${unit}=${year}${said}`;
}

/** The period before or after one. */
export function besidePeriod(choice: StatisticChoice, shift: number): StatisticChoice {
  const parts = 12 / MONTHS[choice.unit];
  const index = choice.year * parts + choice.part - 1 + shift;
  return { ...choice, year: Math.floor(index / parts), part: (index % parts) + 1 };
}

/** The period of another length that holds the beginning of one. */
export function inUnit(choice: StatisticChoice, unit: PeriodUnit): StatisticChoice {
  const month = (choice.part - 1) * MONTHS[choice.unit];
  return { ...choice, unit, part: Math.floor(month / MONTHS[unit]) + 1 };
}

/** What was typed of a figure: nothing is not known, which is not zero; undefined is no number. */
export function typedFigure(text: string): number | null | undefined {
  const dense = text.replace(/\s/g, '');
  const isGrouped = /^\d{1,3}(\.\d{3})+(,\d*)?$/.test(dense);
  const plain = (isGrouped ? dense.replaceAll('.', '') : dense).replace(',', '.');
  if (plain === '') return null;
  const value = Number(plain);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

export const statisticsApi = {
  of: (query: string) => api.get('/statistics', { query: asked(query) }),
  incidents: (query: string, { part, name }: StatisticRow, notSaid: boolean) =>
    api.get('/statistics/incidents', { query: { ...asked(query), part, name, not_said: notSaid } }),
  outcome: (incident: string) =>
    api.get('/incidents/{incident_id}/outcome', { path: { incident_id: incident } }),
  write: (incident: string, facts: Partial<OutcomeFacts>, version: number) =>
    api.post('/incidents/{incident_id}/outcome', {
      path: { incident_id: incident },
      body: { ...facts, version },
    }),
};

function asked(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}
