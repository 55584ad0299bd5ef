/** Open alerts as the map shows them: one pin a place, the gravest on top. Pure. */

import { isSystemKind } from '../alert/alert-kinds.svelte';
import { rankOf, severityOf, type Severity } from '../alert/severity';
import { compareForTriage, corroborationOf, groupOf, isOpen } from '../alert/triage';
import type { Alert } from '../api/types';

/** A place that is marked; `doubtM` is how far off it may be. */
export interface Spot extends Point {
  readonly doubtM?: number;
}

export interface Point {
  readonly lat: number;
  readonly lon: number;
}

export interface Pin {
  readonly key: string;
  readonly lat: number;
  readonly lon: number;
  readonly severity: Severity;
  readonly name: string;
  /** Nobody has answered at least one of them. */
  readonly unanswered: boolean;
  /** The machine itself hardly believes the gravest of them. */
  readonly doubted: boolean;
  /** A call or a device told of the gravest of them too. */
  readonly sure: boolean;
  /** All of them are a drill's. */
  readonly exercise: boolean;
  /** When the oldest of the gravest ones was raised. */
  readonly raisedAt: number;
  readonly count: number;
}

/** Gravest first, so that their names are written first. */
export function pinsOf(alerts: readonly Alert[]): readonly Pin[] {
  const places = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const shown = isOpen(alert) || groupOf(alert) === 'review';
    if (alert.lat === null || alert.lon === null || !shown) continue;
    const key = `${alert.lat} ${alert.lon}`;
    places.set(key, [...(places.get(key) ?? []), alert]);
  }
  return [...places]
    .map(([key, here]) => pinOf(key, here.sort(compareAtPlace)))
    .sort((a, b) => order(a) - order(b) || b.raisedAt - a.raisedAt);
}

/** As in the list, but the watch's own trouble never stands over what happens at the place. */
function compareAtPlace(a: Alert, b: Alert): number {
  return Number(isSystemKind(a.kind)) - Number(isSystemKind(b.kind)) || compareForTriage(a, b);
}

function pinOf(key: string, here: readonly Alert[]): Pin {
  const top = here[0] as Alert;
  const same = here.filter(
    (alert) => rankOf(alert) === rankOf(top) && groupOf(alert) === groupOf(top),
  );
  return {
    key,
    lat: top.lat ?? 0,
    lon: top.lon ?? 0,
    severity: severityOf(top),
    name: top.camera_name,
    unanswered: groupOf(top) === 'unanswered',
    doubted: groupOf(top) === 'review',
    sure: corroborationOf(top) !== null,
    exercise: here.every((alert) => alert.exercise),
    raisedAt: Math.min(...same.map((alert) => Date.parse(alert.raised_at))),
    count: here.length,
  };
}

const ORDER: Record<Severity, number> = { p1: 1, p2: 2, p3: 3, system: 4 };

function order(pin: Pin): number {
  const apart = (pin.doubted ? 50 : 0) + (pin.exercise ? 100 : 0) - (pin.sure ? 0.5 : 0);
  return ORDER[pin.severity] + (pin.unanswered ? 0 : 10) + apart;
}

/** From the middle of a pin to where its name begins, and to where the next pin's mark begins. */
const MARK_PX = 46;
const LINE_PX = 44;
/** Closer than this two marks cover one another. */
const SAME_PX = 20;
export const LONGEST_NAME_PX = 320;

export interface Mark {
  readonly x: number;
  readonly y: number;
}

/** How much room the name of the pin at `index` has before another pin's mark, in pixels. */
export function roomFor(marks: readonly Mark[], index: number): number {
  const mine = marks[index];
  if (!mine) return LONGEST_NAME_PX;
  const right = marks.filter((one) => one.x > mine.x && !isUnder(one, mine) && isBeside(one, mine));
  const room = Math.min(...right.map(({ x }) => x - mine.x - 2 * MARK_PX), LONGEST_NAME_PX);
  return Math.max(0, Math.floor(room));
}

/** Whether a graver pin stands in the same place of the picture: its words alone can be read. */
export function isCovered(marks: readonly Mark[], index: number): boolean {
  const mine = marks[index];
  return mine !== undefined && marks.slice(0, index).some((one) => isUnder(one, mine));
}

function isUnder(a: Mark, b: Mark): boolean {
  return Math.abs(a.x - b.x) < SAME_PX && isBeside(a, b);
}

function isBeside(a: Mark, b: Mark): boolean {
  return Math.abs(a.y - b.y) < LINE_PX;
}
