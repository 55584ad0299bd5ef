/** What is open as the map shows it: one pin a place, the gravest on top, in the worklist's order. Pure. */

import type { Severity } from '../alert/severity';
import { inOrder, isSure, type Entry } from '../incidents/entries';
import type { Row } from '../incidents/incident';

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
  /** What tells of the gravest of them, by kind. */
  readonly sources: Row['source_counts'];
  /** Nobody has answered at least one of them. */
  readonly unanswered: boolean;
  /** The machine itself hardly believes the gravest of them. */
  readonly doubted: boolean;
  /** A call or a device told of the gravest of them too. */
  readonly sure: boolean;
  /** All of them are a drill's. */
  readonly exercise: boolean;
  /** When the clock of the oldest of the gravest ones began. */
  readonly since: number;
  readonly count: number;
}

/** Gravest first, so that their names are written first. */
export function pinsOf(entries: readonly Entry[]): readonly Pin[] {
  const places = new Map<string, Entry[]>();
  for (const entry of inOrder(entries)) {
    const at = pointOf(entry);
    if (at === null) continue;
    const key = `${at.lat} ${at.lon}`;
    places.set(key, [...(places.get(key) ?? []), entry]);
  }
  return [...places].map(([key, inPlace]) => pinOf(key, inPlace));
}

/** An incident stands where it was placed, else where its alert is. */
function pointOf({ row, alert }: Entry): Point | null {
  for (const one of [row?.place, alert])
    if (one && one.lat !== null && one.lon !== null) return { lat: one.lat, lon: one.lon };
  return null;
}

function pinOf(key: string, inPlace: readonly Entry[]): Pin {
  const top = inPlace[0] as Entry;
  const same = inPlace.filter(
    ({ urgency, isAnswered }) => urgency === top.urgency && isAnswered === top.isAnswered,
  );
  return {
    key,
    ...(pointOf(top) as Point),
    severity: top.severity,
    name: top.alert?.camera_name || (top.row?.place.text ?? ''),
    sources: top.row?.source_counts ?? [],
    unanswered: inPlace.some(({ isAnswered, isDoubted }) => !isAnswered && !isDoubted),
    doubted: top.isDoubted,
    sure: isSure(top),
    exercise: inPlace.every(({ isDrill }) => isDrill),
    since: Math.min(...same.map(({ since }) => since)),
    count: inPlace.length,
  };
}
