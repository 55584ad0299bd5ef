/**
 * What the machine saw at the moment it raised the alert. The alert itself carries the newest
 * sighting; the picture and the film are of the first one, so their box must be too. Pure.
 */

import type { Alert, Box, Manifest } from '../api/types';

export interface Sighting {
  readonly box: Box;
  readonly label: string;
  readonly confidence: number;
  readonly reason: string;
  /** Seconds of film before the moment; null while nobody said. */
  readonly filmBeforeS: number | null;
}

/** A box drawn at one moment holds for about so long in a moving picture. */
const BOX_HOLDS_S = 1.5;

export function sightingOf(alert: Alert, manifest: Manifest | null): Sighting {
  const seen = manifest?.event ?? alert;
  const { box, label, confidence, reason } = seen;
  return { box, label, confidence, reason, filmBeforeS: manifest?.film?.before_s ?? null };
}

/** Whether the box still stands where the thing was, this far into the film. */
export function boxHolds({ filmBeforeS }: Sighting, filmAtS: number): boolean {
  return filmBeforeS === null || Math.abs(filmAtS - filmBeforeS) <= BOX_HOLDS_S;
}
