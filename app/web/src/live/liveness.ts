/**
 * What a live view may claim, from when its last picture came. Pure: times are milliseconds of one
 * clock. A picture that is not new is never called live.
 */

/** Three pictures of a slow camera; beyond it nobody could call the picture live. */
const STALE_AFTER_MS = 2000;
/** A stalled connection is given this long to go on before it is made anew. */
const RENEW_AFTER_MS = 8000;
/** A connection that shows nothing within this is not one. */
const FIRST_WITHIN_MS = 7000;

export type Liveness = 'connecting' | 'live' | 'stale';

export interface Seen {
  /** When the newest picture came, or null if none ever did. */
  pictureAt: number | null;
  /** When the present attempt began. */
  attemptAt: number;
}

/** `connecting` only while there is no picture at all that could be mistaken for a live one. */
export function livenessOf({ pictureAt, attemptAt }: Seen, now: number): Liveness {
  if (pictureAt !== null) return now - pictureAt < STALE_AFTER_MS ? 'live' : 'stale';
  return now - attemptAt < FIRST_WITHIN_MS ? 'connecting' : 'stale';
}

/** Whether the present attempt has failed although nothing said so. */
export function isOver({ pictureAt, attemptAt }: Seen, now: number): boolean {
  if (pictureAt === null || pictureAt < attemptAt) return now - attemptAt >= FIRST_WITHIN_MS;
  return now - pictureAt >= RENEW_AFTER_MS;
}

/** How long to wait after so many failures in a row; `chance` is from 0 to 1. */
export function backoffMs(failures: number, chance: number): number {
  const grown = Math.min(1000 * 2 ** Math.min(failures - 1, 10), 15_000);
  return grown * (0.5 + 0.5 * chance);
}
