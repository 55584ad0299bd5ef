/** Numbers as a report says them. Pure. */

import { decimal, type Locale } from '../time/format';

/** 12,5 % in Vietnamese; a dash where there is nothing to divide by. */
export function percent(share: number | null, locale: Locale, digits = 1): string {
  if (share === null) return '—';
  const value = share * 100;
  const whole = Number.isInteger(value) || digits === 0;
  return `${decimal(value, whole ? 0 : digits, locale)} %`;
}

/** 12,4 s, 3:05 min … as text without unit below a minute. */
export function seconds(value: number | null, locale: Locale): string {
  return value === null ? '—' : decimal(value, value < 100 ? 1 : 0, locale);
}

const ROMAN = ['I', 'II', 'III', 'IV'];

export function roman(number: number): string {
  return ROMAN[number - 1] ?? String(number);
}
