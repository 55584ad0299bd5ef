/**
 * The life of the link to the centre, as a pure state machine: state in, what happened and `now`
 * in, state with a named reason out. It decides when the desk must say that it is blind.
 */

/** Nothing heard for this long means the link is dead, whatever TCP believes (heartbeat: 10 s). */
export const WATCHDOG_MS = 25_000;
/** A cut shorter than this (a restart of the centre's proxy, say) does not cry wolf. */
export const GRACE_MS = 3_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

type Phase =
  | 'connecting' // the first try is under way
  | 'live' // the centre speaks
  | 'interrupted' // cut a moment ago, trying again
  | 'lost' // the desk is blind and says so
  | 'ended'; // the session is over: log in again

export interface LinkState {
  readonly phase: Phase;
  readonly reason: string;
  readonly lastHeardAt: number;
  /** When the cut was noticed; null while the link is up. */
  readonly cutAt: number | null;
  readonly triedAt: number;
  /** Tries since the link was last up. */
  readonly attempt: number;
  /** When the next try is due; null while one is under way or the link is up. */
  readonly retryAt: number | null;
}

export type LinkEvent =
  | { readonly type: 'heard' }
  | { readonly type: 'cut'; readonly reason: string }
  | { readonly type: 'unauthorized' }
  | { readonly type: 'retrying' }
  | { readonly type: 'tick' };

export function linkAtStart(now: number): LinkState {
  return {
    phase: 'connecting',
    reason: 'first try',
    lastHeardAt: now,
    cutAt: null,
    triedAt: now,
    attempt: 0,
    retryAt: null,
  };
}

/** `chance` in 0..1 spreads the retries of many desks after one outage. */
export function nextLink(state: LinkState, event: LinkEvent, now: number, chance = 0.5): LinkState {
  if (state.phase === 'ended') return state;
  switch (event.type) {
    case 'heard':
      return { ...linkAtStart(now), phase: 'live', reason: 'heard' };
    case 'unauthorized':
      return { ...state, phase: 'ended', reason: 'session ended', retryAt: null };
    case 'retrying':
      return { ...state, triedAt: now, attempt: state.attempt + 1, retryAt: null };
    case 'cut':
      return cut(state, event.reason, now, chance);
    case 'tick':
      return tick(state, now, chance);
  }
}

export function isBlind(state: LinkState): boolean {
  return state.phase === 'lost';
}

function cut(state: LinkState, reason: string, now: number, chance: number): LinkState {
  const cutAt = state.cutAt ?? now;
  return {
    ...state,
    phase: state.phase === 'lost' || now - cutAt >= GRACE_MS ? 'lost' : 'interrupted',
    reason,
    cutAt,
    retryAt: now + retryDelayMs(state.attempt, chance),
  };
}

function tick(state: LinkState, now: number, chance: number): LinkState {
  if (state.phase !== 'lost' && now - state.lastHeardAt >= WATCHDOG_MS) {
    const silent = cut(state, 'nothing heard', now, chance);
    return { ...silent, phase: 'lost', cutAt: state.cutAt ?? state.lastHeardAt };
  }
  // A centre that takes the connection and then says nothing is tried again as well.
  if (state.phase === 'lost' && state.retryAt === null && now - state.triedAt >= WATCHDOG_MS) {
    return cut(state, 'no answer', now, chance);
  }
  if (state.phase === 'interrupted' && now - (state.cutAt ?? now) >= GRACE_MS) {
    return { ...state, phase: 'lost' };
  }
  return state;
}

/** 0.5, 1, 2, 4, 8, 10, 10 … seconds, each shortened by up to a half by chance. */
function retryDelayMs(attempt: number, chance: number): number {
  const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return full * (1 - chance / 2);
}
