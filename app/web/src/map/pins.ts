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
