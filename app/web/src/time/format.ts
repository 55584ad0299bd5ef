/** Times, ages and numbers as an officer in Hà Nội reads them. Pure; instants are UTC milliseconds. */

export type Locale = 'vi' | 'en';

const TIME_ZONE = 'Asia/Ho_Chi_Minh';

const PARTS = new Intl.DateTimeFormat('en-GB', {
  timeZone: TIME_ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 1,
  hourCycle: 'h23',
});

const WEEKDAYS: Record<Locale, Intl.DateTimeFormat> = {
  vi: new Intl.DateTimeFormat('vi', { timeZone: TIME_ZONE, weekday: 'long' }),
  en: new Intl.DateTimeFormat('en', { timeZone: TIME_ZONE, weekday: 'long' }),
};

/** Of a time that is none: a screen that stops at it would show nothing of all others. */
const UNKNOWN: Record<PartName, string> = {
  year: '----',
  month: '--',
  day: '--',
  hour: '--',
  minute: '--',
  second: '--',
  fractionalSecond: '-',
};

type PartName = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fractionalSecond';

/** The instant of an ISO-8601 time, or null for none or nonsense. */
export function instant(iso: string | null | undefined): number | null {
  if (iso == null) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}

/** 14:02:31 */
export function clockTime(ms: number): string {
  const p = parts(ms);
  return `${p.hour}:${p.minute}:${p.second}`;
}

/** 14:02 */
export function hourMinute(ms: number): string {
  const p = parts(ms);
  return `${p.hour}:${p.minute}`;
}

/** 14:01:47,2 in Vietnamese, 14:01:47.2 in English. */
export function clockTenths(ms: number, locale: Locale): string {
  const p = parts(ms);
  return `${p.hour}:${p.minute}:${p.second}${locale === 'vi' ? ',' : '.'}${p.fractionalSecond}`;
}

/** 24/11/2026 14:02:31 */
export function dateTime(ms: number): string {
  return `${date(ms)} ${clockTime(ms)}`;
}

/** 24/11/2026 */
export function date(ms: number): string {
  const p = parts(ms);
  return `${p.day}/${p.month}/${p.year}`;
}

/** Thứ Tư, 25/11/2026 */
export function weekdayDate(ms: number, locale: Locale): string {
  if (Number.isNaN(ms)) return date(ms);
  const weekday = WEEKDAYS[locale].format(ms);
  return `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)}, ${date(ms)}`;
}

/** The time alone when it is today, the date with it when it is not. */
export function timeOfDay(ms: number, now: number): string {
  return date(ms) === date(now) ? clockTime(ms) : dateTime(ms);
}

/** A running age: 00:42, 1:02:03, and from a day on 2 d 03:12 with the day's unit of the language. */
export function age(seconds: number, dayUnit: string): string {
  if (Number.isNaN(seconds)) return '--:--';
  const s = Math.max(0, Math.floor(seconds));
  const days = Math.floor(s / 86_400);
  const hours = Math.floor((s % 86_400) / 3600);
  const minutes = two(Math.floor((s % 3600) / 60));
  if (days > 0) return `${days} ${dayUnit} ${two(hours)}:${minutes}`;
  if (hours > 0) return `${hours}:${minutes}:${two(s % 60)}`;
  return `${minutes}:${two(s % 60)}`;
}

/** Seconds within a film: 00:07,4 */
export function filmTime(seconds: number, locale: Locale): string {
  const tenths = Math.max(0, Math.floor(seconds * 10 + 1e-6));
  const whole = Math.floor(tenths / 10);
  const mark = locale === 'vi' ? ',' : '.';
  return `${two(Math.floor(whole / 60))}:${two(whole % 60)}${mark}${tenths % 10}`;
}

/** 0,86 in Vietnamese, 0.86 in English. */
export function decimal(value: number, digits: number, locale: Locale): string {
  const text = value.toFixed(digits);
  return locale === 'vi' ? text.replace('.', ',') : text;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function parts(ms: number): Record<PartName, string> {
  if (Number.isNaN(ms)) return UNKNOWN;
  const found: Partial<Record<string, string>> = {};
  for (const part of PARTS.formatToParts(ms)) found[part.type] = part.value;
  return found as Record<PartName, string>;
}
