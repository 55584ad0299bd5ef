/**
 * The boxes to draw over a camera's live picture, from the newest sightings that the stream told. A
 * box ages: the thing may have moved since, and the officer is told how long ago it was seen. Pure.
 */

import type { Alert, Box } from '../api/types';
import { severityOf, type Severity } from './severity';

/** A watch's word that a thing is still there comes every 10 s; beyond this the box is gone. */
const SHOWN_FOR_MS = 15_000;
/** A box younger than this stands where the thing is. */
const FRESH_MS = 3_000;

export interface LiveBox {
  readonly id: string;
  readonly box: Box;
  readonly severity: Severity;
  readonly label: string;
  readonly confidence: number;
  readonly agoS: number;
  readonly isFresh: boolean;
}

export function liveBoxes(alerts: readonly Alert[], camera: string, now: number): LiveBox[] {
  return alerts
    .filter((alert) => alert.camera === camera && alert.condition === 'active' && isPlaced(alert))
    .map((alert) => ({ alert, ageMs: Math.max(0, now - Date.parse(alert.last_seen_at)) }))
    .filter(({ ageMs }) => ageMs <= SHOWN_FOR_MS)
    .map(({ alert, ageMs }) => ({
      id: alert.id,
      box: alert.box,
      severity: severityOf(alert),
      label: alert.label,
      confidence: alert.confidence,
      agoS: Math.floor(ageMs / 1000),
      isFresh: ageMs <= FRESH_MS,
    }));
}

function isPlaced({ state, box: [, , w, h] }: Alert): boolean {
  return state !== 'closed' && w > 0 && h > 0;
}
