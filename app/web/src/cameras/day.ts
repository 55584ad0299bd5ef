/** One camera's last day as a strip: when it was blind, when its alerts were shelved, when it raised one. Pure. */

import type { components } from '../api/schema';
import { instant } from '../time/format';
import { HANOI_OFFSET_MS } from '../time/periods';

type CameraSpan = components['schemas']['CameraSpanResponse'];
type Shelving = Pick<
  components['schemas']['ShelvingResponse'],
  'camera' | 'set_at' | 'until' | 'ended_at'
>;

export const DAY_MS = 86_400_000;

type StripKind = 'unrecorded' | 'blind' | 'shelved';

/** A part of the strip, in shares of it from its left edge. */
interface Stretch {
  readonly kind: StripKind;
  readonly from: number;
  readonly to: number;
}

export interface Day {
  readonly stretches: readonly Stretch[];
  readonly blindMs: number;
  readonly outages: number;
  readonly shelvedMs: number;
}

interface Times {
  readonly from: number;
  readonly to: number;
}

/** The day that ends `now`; what nobody recorded is told apart from what was seen. */
export function dayOf(
  spans: readonly CameraSpan[],
  shelvings: readonly Shelving[],
  camera: string,
  now: number,
): Day {
  const begin = now - DAY_MS;
  const within = (from: number, to: number): Times => ({
    from: Math.max(begin, from),
    to: Math.min(now, to),
  });
  const recorded = spans.map((span) => ({
    ...within(Date.parse(span.since), instant(span.until) ?? now),
    sees: span.sees,
  }));
  const blind = joined(recorded.filter(({ sees }) => !sees));
  const shelved = joined(
    shelvings
      .filter((each) => each.camera === camera)
      .map((each) =>
        within(Date.parse(each.set_at), instant(each.ended_at) ?? Date.parse(each.until)),
      ),
  );
  const stretch =
    (kind: StripKind) =>
    (times: Times): Stretch => ({
      kind,
      from: (times.from - begin) / DAY_MS,
      to: (times.to - begin) / DAY_MS,
    });
  return {
    stretches: [
      ...gaps(joined(recorded), begin, now).map(stretch('unrecorded')),
      ...blind.map(stretch('blind')),
      ...shelved.map(stretch('shelved')),
    ],
    blindMs: total(blind),
    outages: blind.length,
    shelvedMs: total(shelved),
  };
}

/** Where on the strip an alert was raised; null outside the day. */
export function placeOn(raisedAt: string, now: number): number | null {
  const share = (Date.parse(raisedAt) - (now - DAY_MS)) / DAY_MS;
  return share < 0 || share > 1 ? null : share;
}

/** Full hours of Hà Nội within the day, every so many, with their place on the strip. */
export function hoursOf(now: number, every: number): readonly { at: number; hour: number }[] {
  const HOUR_MS = 3_600_000;
  const ahead = HANOI_OFFSET_MS / HOUR_MS;
  const last = Math.floor(now / HOUR_MS);
  return Array.from({ length: 24 }, (_, back) => last - back)
    .filter((hour) => (hour + ahead) % every === 0)
    .map((hour) => ({
      at: (hour * HOUR_MS - (now - DAY_MS)) / DAY_MS,
      hour: (hour + ahead) % 24,
    }))
    .reverse();
}

/** Times without overlap, in order; what touches is one. */
function joined(all: readonly Times[]): readonly Times[] {
  const found: { from: number; to: number }[] = [];
  for (const { from, to } of [...all].sort((a, b) => a.from - b.from)) {
    if (to <= from) continue;
    const last = found.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

function gaps(all: readonly Times[], begin: number, end: number): readonly Times[] {
  const starts = [begin, ...all.map(({ to }) => to)];
  const ends = [...all.map(({ from }) => from), end];
  return starts
    .map((from, i) => ({ from, to: ends[i] ?? end }))
    .filter(({ from, to }) => to - from >= 1000);
}

function total(all: readonly Times[]): number {
  return all.reduce((sum, { from, to }) => sum + to - from, 0);
}
