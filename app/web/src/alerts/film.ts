/** Which film of an alert to play: one that every browser plays, whole if it is there already. Pure. */

import type { Alert, AlertDetail } from '../api/types';

export interface Film {
  readonly url: string;
  /** The seconds after the moment are in it as well. */
  readonly whole: boolean;
}

export function filmOf(alert: Alert, detail: AlertDetail | null): Film | null {
  const file = (kind: string) => detail?.evidence.find((each) => each.kind === kind)?.url;
  const whole = file('clip_viewing') ?? alert.clip;
  if (whole) return { url: whole, whole: true };
  const start = file('clip_start');
  return start ? { url: start, whole: false } : null;
}
