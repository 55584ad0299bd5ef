/**
 * The life of the link to the centre, as a pure state machine: state in, what happened and `now`
 * in, state with a named reason out. It decides when the desk must say that it is blind.
 */

/**
 * Nothing heard for this long means the link is dead, whatever TCP believes. With the tick that
 * looks (`TICK_MS`) it is told within 5 s; heartbeats come every 2 s, so that one may be late.
 */
export const WATCHDOG_MS = 4_500;
export const TICK_MS = 250;
/** A try that is not answered for this long is given up; nothing looks live meanwhile. */
export const ANSWER_MS = 10_000;
/** Between two ticks so far apart the page itself stood still, or the clock was set. */
const ASLEEP_MS = 2_000;
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
  readonly tickedAt: number;
  /** When the cut was noticed; null while the link is up. */
  readonly cutAt: number | null;
  /** From when the grace of a cut counts: what a sleeping page did not hear cries no wolf. */
  readonly graceFrom: number;
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
    tickedAt: now,
    cutAt: null,
    graceFrom: now,
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
      return { ...linkAtStart(now), phase: 'live', reason: 'heard', tickedAt: state.tickedAt };
    case 'unauthorized':
      return { ...state, phase: 'ended', reason: 'session ended', retryAt: null };
    case 'retrying':
      return { ...state, triedAt: now, attempt: state.attempt + 1, retryAt: null };
    case 'cut':
      return cut(state, event.reason, now, chance);
    case 'tick':
      return { ...tick(state, now, chance), tickedAt: now };
  }
}

export function isBlind(state: LinkState): boolean {
  return state.phase === 'lost';
}

function cut(state: LinkState, reason: string, now: number, chance: number): LinkState {
  const noticed = state.cutAt === null ? { cutAt: now, graceFrom: now } : {};
  const after = { ...state, ...noticed };
  return {
    ...after,
    phase: isOver(after, now) ? 'lost' : 'interrupted',
    reason,
    retryAt: now + retryDelayMs(state.attempt, chance),
  };
}

function isOver(state: LinkState, now: number): boolean {
  return state.phase === 'lost' || now - state.graceFrom >= GRACE_MS;
}

function tick(state: LinkState, now: number, chance: number): LinkState {
  const silentMs = Math.abs(now - state.lastHeardAt);
  if (state.phase === 'live' && silentMs >= WATCHDOG_MS) {
    const slept = Math.abs(now - state.tickedAt) >= ASLEEP_MS;
    return slept ? awoken(state, now) : silent(state, now, chance);
  }
  if (state.phase === 'interrupted' && isOver(state, now)) return { ...state, phase: 'lost' };
  if (state.phase === 'connecting' && silentMs >= ANSWER_MS) return silent(state, now, chance);
  // A centre that takes the connection and then says nothing is tried again as well.
  if (state.phase === 'lost' && state.retryAt === null && now - state.triedAt >= ANSWER_MS) {
    return cut(state, 'no answer', now, chance);
  }
  return state;
}

/** The connection stands and says nothing: the desk is blind since it last heard something. */
function silent(state: LinkState, now: number, chance: number): LinkState {
  const after = cut(state, 'nothing heard', now, chance);
  return { ...after, phase: 'lost', cutAt: state.cutAt ?? state.lastHeardAt };
}

/** What came while the page stood still may be read in a moment; if nothing is, it is lost. */
function awoken(state: LinkState, now: number): LinkState {
  return {
    ...state,
    phase: 'interrupted',
    reason: 'the page stood still',
    cutAt: state.lastHeardAt,
    graceFrom: now,
  };
}

/** 0.5, 1, 2, 4, 8, 10, 10 … seconds, each shortened by up to a half by chance. */
function retryDelayMs(attempt: number, chance: number): number {
  const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return full * (1 - chance / 2);
}
