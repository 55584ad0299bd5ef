/**
 * A stretch of recordings: where a moment lies in a film, what is missing, where marks stand on the
 * time axis. Pure; moments are UTC milliseconds.
 */

import type { components } from '../api/schema';
import { instant } from '../time/format';

export type Recording = components['schemas']['RecordingResponse'];
export type CameraSpan = components['schemas']['CameraSpanResponse'];
export type GapReason = components['schemas']['GapReason'];

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** One piece of a film: from when to when it shows, and where it begins in the player's own time. */
export interface Piece {
  readonly at: number;
  readonly seconds: number;
  readonly start: number;
}

export interface Gap extends Stretch {
  readonly reason: GapReason;
}

export const SPEEDS = [1, 2, 4, 8, 16] as const;
const HALF_MS = 15 * 60_000;
/** What the camera filmed last is not yet in a finished file. */
const NEWEST_MS = 20_000;

/** Half an hour around a moment, and nothing of the future. */
export function stretchAround(at: number, now: number): Stretch {
  const to = Math.min(at + HALF_MS, now);
  return { from: to - 2 * HALF_MS, to };
}

/** The latest moment that can be played. */
export function newest(now: number): number {
  return now - NEWEST_MS;
}

/** Seconds in the player's own time at which a moment is shown; null where no piece shows it. */
export function mediaTime(pieces: readonly Piece[], at: number): number | null {
  let low = 0;
  let high = pieces.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const piece = pieces[middle] as Piece;
    if (at < piece.at) high = middle - 1;
    else if (at >= piece.at + piece.seconds * 1000) low = middle + 1;
    else return piece.start + (at - piece.at) / 1000;
  }
  return null;
}

export function gapsOf(recording: Recording): Gap[] {
  return recording.gaps.map((gap) => ({
    from: Date.parse(gap.from),
    to: Date.parse(gap.to),
    reason: gap.reason,
  }));
}

/** When the camera was not watched: nothing could be detected then, film or not. */
export function blindTimes(spans: readonly CameraSpan[], stretch: Stretch): Stretch[] {
  const found: { from: number; to: number }[] = [];
  for (const span of spans) {
    const from = Math.max(stretch.from, Date.parse(span.since));
    const to = Math.min(stretch.to, instant(span.until) ?? stretch.to);
    const last = found.at(-1);
    if (span.sees || to <= from) continue;
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

export function gapAt(gaps: readonly Gap[], at: number): Gap | null {
  return gaps.find((gap) => gap.from <= at && at < gap.to) ?? null;
}

/** The first moment after a gap that every camera of the group lacks; the same moment without. */
export function afterCommonGap(all: readonly (readonly Gap[])[], at: number): number {
  const ends = all.map((gaps) => gapAt(gaps, at)?.to ?? at);
  return Math.max(at, Math.min(...(ends.length ? ends : [at])));
}

/** Where something lies on the axis, in percent. */
export function share(stretch: Stretch, at: number): number {
  const part = (at - stretch.from) / Math.max(1, stretch.to - stretch.from);
  return Math.min(100, Math.max(0, part * 100));
}

/** Whole five minutes within the stretch. */
export function ticks(stretch: Stretch): number[] {
  const step = 5 * 60_000;
  const found: number[] = [];
  for (let at = Math.ceil(stretch.from / step) * step; at <= stretch.to; at += step) found.push(at);
  return found;
}

/** The codecs of a stretch, as a browser is asked about them. */
export function codecsOf(recording: Recording): string[] {
  return [...new Set(recording.segments.map((segment) => segment.codec))];
}
