import { expect, test } from 'vitest';

import {
  besidePeriod,
  fieldsOf,
  inUnit,
  mergedFields,
  statisticChoiceOf,
  statisticQuery,
  typedFigure,
  type StatisticChoice,
} from './statistics';

const NOW = Date.UTC(2026, 10, 29);

test('an address names its period, and no address this month', () => {
  for (const query of ['month=2026-02', 'quarter=2025-Q4', 'year=2024']) {
    expect(statisticQuery(statisticChoiceOf(`?${query}`, NOW))).toBe(query);
  }
  expect(statisticQuery(statisticChoiceOf('', NOW))).toBe('month=2026-11');
  const afterMidnight = Date.UTC(2026, 10, 30, 17);
  expect(statisticQuery(statisticChoiceOf('', afterMidnight))).toBe('month=2026-12');
});

test('the period beside one crosses the year', () => {
  const january: StatisticChoice = { unit: 'month', year: 2026, part: 1 };
  expect(statisticQuery(besidePeriod(january, -1))).toBe('month=2025-12');
  expect(statisticQuery(besidePeriod({ unit: 'quarter', year: 2026, part: 4 }, 1))).toBe(
    'quarter=2027-Q1',
  );
  expect(statisticQuery(inUnit({ unit: 'quarter', year: 2026, part: 4 }, 'month'))).toBe(
    'month=2026-10',
  );
});

test('an empty figure is not known, and words are no figure', () => {
  expect(typedFigure(' ')).toBeNull();
  expect(typedFigure('0')).toBe(0);
  expect(typedFigure('1.500.000')).toBe(1_500_000);
  expect(typedFigure('12,5')).toBe(12.5);
  expect(typedFigure('hai')).toBeUndefined();
  expect(typedFigure('-1')).toBeUndefined();
});

test('what one officer is typing stays when another has written', () => {
  const before = fieldsOf({ dead: 0, injured: 1, cause: 'electrical' });
  const now = fieldsOf({ dead: 2, injured: 1, cause: null });
  expect(mergedFields({ ...before, injured: '3' }, before, now)).toEqual({ ...now, injured: '3' });
});

test('a figure that is written again as it stands in its field is the same', () => {
  for (const area_m2 of [0, 12.5, 1500, 0.125, 1234567.25])
    expect(typedFigure(fieldsOf({ area_m2 }).area_m2)).toBe(area_m2);
});
