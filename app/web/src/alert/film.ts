/**
 * Which picture and film of an alert to show: its own, the film one that every browser plays, whole
 * if it is there already. An alert of an event that goes on after its first alert was closed has
 * none; then those of that one stand in. Pure.
 */

import type { Alert, AlertDetail, Earlier } from '../api/types';
import { isSystemKind } from './alert-kinds.svelte';

interface Film {
  readonly url: string;
  /** The seconds after the moment are in it as well. */
  readonly whole: boolean;
}

export interface Evidence {
  readonly snapshot: string | null;
  readonly film: Film | null;
  /** Whose it is, where it is not this alert's own. */
  readonly earlier: Earlier | null;
}

export function evidenceOf(alert: Alert, detail: AlertDetail | null): Evidence {
  const film = filmOf(alert, detail);
  const earlier = detail?.earlier ?? null;
  if (alert.snapshot || film || !earlier?.same_event || !earlier.snapshot) {
    return { snapshot: alert.snapshot, film, earlier: null };
  }
  const before = earlier.film ? { url: earlier.film, whole: true } : null;
  return { snapshot: earlier.snapshot, film: before, earlier };
}

/**
 * A device tells of it, which has no lens: what its cameras see are alerts of their own. The wall
 * asks it of all alerts at once: one without a rule must not stop the others.
 */
export function isOfDevice({ rule }: Pick<Alert, 'rule'>): boolean {
  return rule === 'device' || String(rule).startsWith('panel_');
}

/** A picture that is not there after this, and of which nothing is said, will not come. */
const PICTURE_MS = 60_000;

export type PictureState = 'shown' | 'comes' | 'late' | 'none';

/** How it stands with an alert's picture: the event is sent at once, its picture follows. */
export function pictureState(alert: Alert, nowMs: number): PictureState {
  if (alert.snapshot) return 'shown';
  if (isSystemKind(alert.kind) || isOfDevice(alert)) return 'none';
  if (alert.evidence_error !== null)
    return alert.evidence_error.startsWith('late') ? 'late' : 'none';
  return nowMs - Date.parse(alert.raised_at) < PICTURE_MS ? 'comes' : 'none';
}

function filmOf(alert: Alert, detail: AlertDetail | null): Film | null {
  const file = (kind: string) => detail?.evidence.find((each) => each.kind === kind)?.url;
  const whole = file('clip_viewing') ?? alert.clip;
  if (whole) return { url: whole, whole: true };
  const start = file('clip_start');
  return start ? { url: start, whole: false } : null;
}
