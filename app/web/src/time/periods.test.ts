import { describe, expect, it } from 'vitest';

import { between, dateField, dayAt, dayStart, lastDays, ministry, toDateField } from './periods';

const at = (iso: string): number => Date.parse(iso);
const dates = (span: { from: number; to: number }): string[] => [
  toDateField(span.from),
  toDateField(span.to - 1),
];

describe('days of Hà Nội', () => {
  it('turn at 17:00 UTC', () => {
    expect(dates(dayAt(at('2026-11-24T16:59:59Z')))).toEqual(['2026-11-24', '2026-11-24']);
    expect(dates(dayAt(at('2026-11-24T17:00:00Z')))).toEqual(['2026-11-25', '2026-11-25']);
  });
  it('go back and hold today', () => {
    const now = at('2026-11-24T10:00:00Z');
    expect(dates(dayAt(now, -1))).toEqual(['2026-11-23', '2026-11-23']);
    expect(dates(lastDays(now, 7))).toEqual(['2026-11-18', '2026-11-24']);
  });
});

describe('the ministry’s periods', () => {
  it.each([
    ['2026-11-14T10:00:00Z', 1, ['2026-10-15', '2026-11-14'], 2026, 11],
    ['2026-11-15T10:00:00Z', 1, ['2026-11-15', '2026-12-14'], 2026, 12],
    ['2026-12-20T10:00:00Z', 1, ['2026-12-15', '2027-01-14'], 2027, 1],
    ['2027-01-10T10:00:00Z', 1, ['2026-12-15', '2027-01-14'], 2027, 1],
    ['2025-01-10T10:00:00Z', 3, ['2024-12-15', '2025-03-14'], 2025, 1],
    ['2024-12-15T10:00:00Z', 3, ['2024-12-15', '2025-03-14'], 2025, 1],
    ['2026-11-24T10:00:00Z', 3, ['2026-09-15', '2026-12-14'], 2026, 4],
    ['2026-05-20T10:00:00Z', 6, ['2025-12-15', '2026-06-14'], 2026, 1],
    ['2026-11-24T10:00:00Z', 12, ['2025-12-15', '2026-12-14'], 2026, 1],
  ] as const)('%s, %i months', (now, months, expected, year, part) => {
    const span = ministry(at(now), months);
    expect(dates(span)).toEqual(expected);
    expect([span.year, span.part]).toEqual([year, part]);
  });

  it('follow each other without a gap', () => {
    const now = at('2026-11-24T10:00:00Z');
    for (let shift = -30; shift < 30; shift++) {
      expect(ministry(now, 1, shift).to).toBe(ministry(now, 1, shift + 1).from);
    }
  });

  it('turn at local midnight, not at UTC’s', () => {
    expect(ministry(at('2026-11-14T16:59:59Z'), 1).part).toBe(11);
    expect(ministry(at('2026-11-14T17:00:00Z'), 1).part).toBe(12);
  });
});

describe('date fields', () => {
  it('are read and written', () => {
    expect(dateField('2026-11-24')).toBe(dayStart(2026, 11, 24));
    expect(toDateField(dayStart(2026, 11, 24))).toBe('2026-11-24');
  });
  it.each(['', '24/11/2026', '2026-02-30', '2026-11-24x'])('refuse %j', (text) => {
    expect(dateField(text)).toBeNull();
  });
  it('make a span with both days in it, or none', () => {
    expect(dates(between('2026-11-01', '2026-11-24') ?? { from: 0, to: 1 })).toEqual([
      '2026-11-01',
      '2026-11-24',
    ]);
    expect(between('2026-11-24', '2026-11-23')).toBeNull();
  });
});
