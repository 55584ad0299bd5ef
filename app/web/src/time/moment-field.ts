/** What a field of a date and a time holds, by Hà Nội's clock whatever the browser's is. Pure. */

import { date, hourMinute } from './format';
import { HANOI_OFFSET_MS } from './periods';

const HANOI = '+07:00';
const WHOLE_MINUTES = 'YYYY-MM-DDTHH:mm'.length;

/** `2027-02-06T22:00` of an instant in UTC milliseconds. */
export function toMomentField(ms: number): string {
  return new Date(ms + HANOI_OFFSET_MS).toISOString().slice(0, WHOLE_MINUTES);
}

/** The ISO time that is sent; empty for an empty field. */
export function momentIso(field: string): string {
  if (field === '') return '';
  return `${field}${field.length === WHOLE_MINUTES ? ':00' : ''}${HANOI}`;
}

/** The instant of a field, or null for an empty or half-filled one. */
export function momentOf(field: string): number | null {
  const at = Date.parse(momentIso(field));
  return Number.isNaN(at) ? null : at;
}

/** 06/02/2027 22:00 */
export function shownMoment(ms: number): string {
  return `${date(ms)} ${hourMinute(ms)}`;
}
