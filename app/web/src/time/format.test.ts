import { describe, expect, it } from 'vitest';

import {
  age,
  clockTenths,
  clockTime,
  date,
  dateTime,
  decimal,
  filmTime,
  instant,
  timeOfDay,
  weekdayDate,
} from './format';

const AT = Date.parse('2026-11-24T07:02:31.250Z');

describe('times are shown in Hà Nội', () => {
  it.each([
    [clockTime(AT), '14:02:31'],
    [dateTime(AT), '24/11/2026 14:02:31'],
    [clockTenths(AT, 'vi'), '14:02:31,2'],
    [clockTenths(AT, 'en'), '14:02:31.2'],
    [clockTime(Date.parse('2026-11-24T17:00:00Z')), '00:00:00'],
    [date(Date.parse('2026-11-24T17:00:00Z')), '25/11/2026'],
    [weekdayDate(Date.parse('2026-11-24T17:00:00Z'), 'vi'), 'Thứ Tư, 25/11/2026'],
    [weekdayDate(AT, 'en'), 'Tuesday, 24/11/2026'],
  ])('%s', (shown, expected) => expect(shown).toBe(expected));

  it('takes a time that is none for unknown', () => {
    expect(dateTime(NaN)).toBe('--/--/---- --:--:--');
    expect(timeOfDay(NaN, AT)).toBe('--/--/---- --:--:--');
    expect(weekdayDate(NaN, 'vi')).toBe('--/--/----');
    expect(age(NaN, 'ngày')).toBe('--:--');
  });

  it('adds the date only when it is another day', () => {
    expect(timeOfDay(AT, AT + 60_000)).toBe('14:02:31');
    expect(timeOfDay(AT, AT + 86_400_000)).toBe('24/11/2026 14:02:31');
  });
});

describe('ages', () => {
  it.each([
    [0, '00:00'],
    [-3, '00:00'],
    [42.9, '00:42'],
    [371, '06:11'],
    [3723, '1:02:03'],
    [2 * 86_400 + 3 * 3600 + 720, '2 ngày 03:12'],
  ])('%s s', (seconds, shown) => expect(age(seconds, 'ngày')).toBe(shown));
});

describe('numbers', () => {
  it('has a decimal comma in Vietnamese', () => {
    expect(decimal(0.857, 2, 'vi')).toBe('0,86');
    expect(decimal(98.2, 1, 'en')).toBe('98.2');
  });

  it.each([
    [7.4, '00:07,4'],
    [61.99, '01:01,9'],
  ])('film time %s', (seconds, shown) => expect(filmTime(seconds, 'vi')).toBe(shown));

  it('reads no time out of nonsense', () => {
    expect(instant('yesterday')).toBeNull();
    expect(instant(null)).toBeNull();
    expect(instant('1970-01-01T00:00:01Z')).toBe(1000);
  });
});
