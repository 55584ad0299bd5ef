import { describe, expect, it } from 'vitest';

import { daysLater, shownAs, typedAs, type TimeKind } from './typed-time';

const SOURCES = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});

describe('a date is typed day before month', () => {
  it.each<[TimeKind, string, string | null]>([
    ['date', '5/3/2026', '2026-03-05'],
    ['date', ' 24.11.2026 ', '2026-11-24'],
    ['date', '24112026', '2026-11-24'],
    ['date', '2026-11-24', '2026-11-24'],
    ['date', '29/02/2028', '2028-02-29'],
    ['date', '31/02/2026', null],
    ['date', '11/24/2026', null],
    ['date', '24/11', null],
    ['date', '24/11/26', null],
    ['date', '', ''],
    ['moment', '24/11/2026 14:02', '2026-11-24T14:02'],
    ['moment', '24/11/2026 9h05', '2026-11-24T09:05'],
    ['moment', '24/11/2026 14:02:31', '2026-11-24T14:02:31'],
    ['moment', '2026-11-24T14:02', '2026-11-24T14:02'],
    ['moment', '24/11/2026', null],
    ['moment', '24/11/2026 24:00', null],
    ['time', '7:30', '07:30'],
    ['time', '19h05', '19:05'],
    ['time', '7:60', null],
    ['time', '0700', '07:00'],
    ['time', '7h', '07:00'],
    ['time', '07h00', '07:00'],
    ['time', '7', null],
    ['time', '2460', null],
    ['moment', '24/11/2026 0905', '2026-11-24T09:05'],
  ])('%s %s', (kind, typed, kept) => expect(typedAs(kind, typed)).toBe(kept));

  it.each<[TimeKind, string, string]>([
    ['date', '2026-11-24', '24/11/2026'],
    ['moment', '2026-11-24T14:02', '24/11/2026 14:02'],
    ['time', '07:30', '07:30'],
    ['date', '', ''],
  ])('%s %s is shown', (kind, kept, shown) => {
    expect(shownAs(kind, kept)).toBe(shown);
    expect(typedAs(kind, shown)).toBe(kept);
  });

  it('goes on by days', () => {
    expect(daysLater('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysLater('2026-03-01T14:02', -1)).toBe('2026-02-28T14:02');
    expect(daysLater('', 1)).toBe('');
  });
});

it('no form has a field whose order of day and month is the browser’s', () => {
  const native = Object.entries(SOURCES)
    .filter(([, text]) => /type="(date|datetime-local|time|month|week)"/.test(text))
    .map(([path]) => path);
  expect(Object.keys(SOURCES).length).toBeGreaterThan(100);
  expect(native).toEqual(['./DateField.svelte']);
});
