import { expect, test } from 'vitest';

import {
  besidePeriod,
  inUnit,
  statisticChoiceOf,
  statisticQuery,
  typedFigure,
  type StatisticChoice,
} from './statistics';

const NOW = new Date(2026, 10, 29);

test('an address names its period, and no address this month', () => {
  for (const query of ['month=2026-02', 'quarter=2025-Q4', 'year=2024']) {
    expect(statisticQuery(statisticChoiceOf(`?${query}`, NOW))).toBe(query);
  }
  expect(statisticQuery(statisticChoiceOf('', NOW))).toBe('month=2026-11');
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
