/**
 * When a wall should load its page anew: nobody stands before it with a keyboard. Never while the
 * centre does not answer (the browser would show its own error page, for ever), never away from an
 * open P1 unless the page itself no longer works. Pure.
 */

/** The stream mends itself within seconds; later than this, a fresh page is surer. */
export const STUCK_MS = 60_000;
/** A page that ran so long is loaded anew at a quiet moment. */
export const OLD_MS = 24 * 3600_000;

export interface Watched {
  readonly now: number;
  readonly startedAt: number;
  /** Since when the stream is cut; null while it speaks. */
  readonly cutSince: number | null;
  /** Since when a part of the page cannot be drawn; null while all are. */
  readonly brokenSince: number | null;
  /** The centre answered its health check just now. */
  readonly centreAnswers: boolean;
  /** The centre serves another version of the screens. */
  readonly newVersion: boolean;
  readonly openUrgent: boolean;
}

export type Verdict = 'stay' | 'stuck' | 'broken' | 'new_version' | 'old_page';

export function judge(watched: Watched): Verdict {
  const { now, brokenSince, cutSince } = watched;
  if (!watched.centreAnswers) return 'stay';
  if (brokenSince !== null && now - brokenSince >= STUCK_MS) return 'broken';
  if (cutSince !== null) return now - cutSince >= STUCK_MS ? 'stuck' : 'stay';
  if (watched.openUrgent) return 'stay';
  if (watched.newVersion) return 'new_version';
  return now - watched.startedAt >= OLD_MS ? 'old_page' : 'stay';
}

/** What tells one build of the page from another: the names of its scripts. */
export function versionOf(html: string): string {
  return [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1]).join(' ');
}
