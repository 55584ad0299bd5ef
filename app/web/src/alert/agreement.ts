/** Several cameras near to each other see a fire at about the same time: perhaps it is one. Pure. */

import type { Alert } from '../api/types';
import { isFireKind } from './alert-kinds.svelte';
import { groupOf, isOpen } from './triage';

const WITHIN_MS = 10 * 60_000;
/** The rule of alerts that a device tells of (the centre's `RULE` of devices). */
const OF_DEVICE = 'device';
const METRES_PER_DEGREE = 111_320;

/**
 * Open fire alerts of other cameras beside this one; empty where it burns alone. `withinM` is how
 * far apart two may stand that look at one fire, as the centre says (`agrees_within_m`).
 */
export function burnsBeside(
  alert: Alert | null,
  alerts: readonly Alert[],
  withinM: number,
): readonly Alert[] {
  if (alert === null) return [];
  if (!isFireKind(alert.kind) || !isOpen(alert) || alert.reject_reason !== null) return [];
  return alerts.filter((each) => isBeside(each, alert, withinM));
}

/**
 * Alerts of devices that stand on the card of a camera's alert: the centre found that both tell of
 * one fire, and they wait in one list. Each stands on one card. Where the camera's is gone from that
 * list the device's stands alone again, so none is ever hidden without its card. `answered` are
 * those whose command is on its way, after the card's own.
 */
export function foldedOf(
  alerts: readonly Alert[],
  answered: ReadonlyMap<string, unknown>,
  withinM: number,
): ReadonlyMap<string, readonly Alert[]> {
  const free = new Map(alerts.filter(isOfDevice).map((one) => [one.id, one]));
  const cards = new Map<string, readonly Alert[]>();
  if (free.size === 0) return cards;
  for (const seen of alerts) {
    if (seen.corroboration !== 'device' || isOfDevice(seen)) continue;
    const told = [...free.values()].filter(
      (one) =>
        isToldBy(seen, one, withinM) && (answered.has(one.id) || groupOf(seen) === groupOf(one)),
    );
    for (const one of told) free.delete(one.id);
    if (told.length > 0) cards.set(seen.id, told);
  }
  return cards;
}

/** Whether a camera's alert and a device's are one card: the archive named the device for it. */
function isToldBy(seen: Alert, device: Alert, withinM: number): boolean {
  return seen.corroborated_by === device.camera_name && isBeside(device, seen, withinM);
}

function isOfDevice(alert: Alert): boolean {
  return alert.rule === OF_DEVICE;
}

function isBeside(each: Alert, alert: Alert, withinM: number): boolean {
  return (
    each.camera !== alert.camera &&
    isFireKind(each.kind) &&
    isOpen(each) &&
    each.reject_reason === null &&
    each.exercise === alert.exercise &&
    apartMs(each, alert) <= WITHIN_MS &&
    distanceM(each, alert) <= withinM
  );
}

/** Milliseconds in which neither was seen: 0 where one was still seen when the other came. */
function apartMs(a: Alert, b: Alert): number {
  const [first, second] = Date.parse(a.raised_at) <= Date.parse(b.raised_at) ? [a, b] : [b, a];
  return Math.max(0, Date.parse(second.raised_at) - Date.parse(first.last_seen_at));
}

/** Metres between two alerts; infinite where a place is unknown. */
function distanceM(a: Pick<Alert, 'lat' | 'lon'>, b: Pick<Alert, 'lat' | 'lon'>): number {
  if (a.lat === null || a.lon === null || b.lat === null || b.lon === null) return Infinity;
  const east = (a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(east, a.lat - b.lat) * METRES_PER_DEGREE;
}
