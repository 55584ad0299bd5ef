import { describe, expect, it } from 'vitest';

import {
  ANSWER_MS,
  GRACE_MS,
  TICK_MS,
  WATCHDOG_MS,
  isBlind,
  linkAtStart,
  nextLink,
  type LinkEvent,
  type LinkState,
} from './link-state';

const live = nextLink(linkAtStart(0), { type: 'heard' }, 0);
const cut: LinkEvent = { type: 'cut', reason: 'closed by the centre' };

/** A page that runs looks every `TICK_MS`. */
function ticking(state: LinkState, fromMs: number, untilMs: number): LinkState {
  let now = state;
  for (let at = fromMs; at <= untilMs; at += TICK_MS) now = nextLink(now, { type: 'tick' }, at, 0);
  return now;
}

function after(state: LinkState, ...events: [LinkEvent, number][]): LinkState {
  return events.reduce((s, [event, at]) => nextLink(s, event, at, 0), state);
}

describe('the link', () => {
  it('is live once the centre speaks', () => {
    expect(linkAtStart(0).phase).toBe('connecting');
    expect(live.phase).toBe('live');
  });

  it('stays live while heartbeats come, and when one of them is missing', () => {
    let state = live;
    for (let at = 0; at <= 60_000; at += 4_000) {
      state = ticking(nextLink(state, { type: 'heard' }, at), at, at + 4_000);
      expect(state.phase).toBe('live');
    }
  });

  it('tells of a silent stall within 5 s, and since when', () => {
    const heard = nextLink(live, { type: 'heard' }, 1000);
    const lost = ticking(heard, 1000, 1000 + 5_000);
    expect(lost).toMatchObject({ phase: 'lost', cutAt: 1000, reason: 'nothing heard' });
    expect(lost.retryAt).not.toBeNull();
    expect(WATCHDOG_MS + TICK_MS).toBeLessThan(5_000);
  });

  it('says nothing false after the page itself stood still', () => {
    const asleep = ticking(live, 0, 1_000);
    const hour = 3_600_000;
    const awake = nextLink(asleep, { type: 'tick' }, hour, 0);
    expect(awake).toMatchObject({ phase: 'interrupted', cutAt: 0 });
    const heard = nextLink(awake, { type: 'heard' }, hour + 100);
    expect(ticking(heard, hour + 250, hour + 2_000).phase).toBe('live');
    const cutThere = nextLink(awake, { type: 'cut', reason: 'network changed' }, hour + 100, 0);
    expect(cutThere.phase).toBe('interrupted');
  });

  it('is lost when a page that stood still then hears nothing', () => {
    const awake = ticking(ticking(live, 0, 1_000), 60_000, 60_000 + GRACE_MS);
    expect(awake).toMatchObject({ phase: 'lost', cutAt: 0 });
    expect(ticking(awake, 64_000, 64_000).retryAt).not.toBeNull();
  });

  it('is lost also in a page that the browser wakes once a minute', () => {
    const first = nextLink(live, { type: 'tick' }, 60_000, 0);
    const second = nextLink(first, { type: 'tick' }, 120_000, 0);
    expect([first.phase, second.phase]).toEqual(['interrupted', 'lost']);
  });

  it('does not stay live for the hour by which a clock was set back', () => {
    const set = nextLink(ticking(live, 0, 1_000), { type: 'tick' }, -3_600_000, 0);
    expect(set.phase).toBe('interrupted');
    expect(nextLink(set, { type: 'heard' }, -3_599_000).phase).toBe('live');
  });

  it('is lost when the first try is not answered', () => {
    const waiting = ticking(linkAtStart(0), 0, ANSWER_MS - TICK_MS);
    expect(waiting.phase).toBe('connecting');
    expect(nextLink(waiting, { type: 'tick' }, ANSWER_MS, 0).phase).toBe('lost');
  });

  it('does not cry wolf over a short cut, and cries over a longer one', () => {
    const short = after(live, [cut, 1000], [{ type: 'tick' }, 1000 + GRACE_MS - 1]);
    expect(short.phase).toBe('interrupted');
    expect(isBlind(after(short, [{ type: 'tick' }, 1000 + GRACE_MS]))).toBe(true);
    expect(after(short, [{ type: 'heard' }, 2000])).toMatchObject({
      phase: 'live',
      cutAt: null,
      attempt: 0,
    });
  });

  it('tries again where the centre takes the connection and says nothing', () => {
    const lost = after(live, [cut, 0], [{ type: 'tick' }, GRACE_MS], [{ type: 'retrying' }, 4000]);
    expect(after(lost, [{ type: 'tick' }, 4000 + ANSWER_MS - 1]).retryAt).toBeNull();
    expect(after(lost, [{ type: 'tick' }, 4000 + ANSWER_MS])).toMatchObject({
      phase: 'lost',
      reason: 'no answer',
      cutAt: 0,
    });
    expect(after(lost, [{ type: 'tick' }, 4000 + ANSWER_MS]).retryAt).not.toBeNull();
  });

  it('is lost after a first try that never succeeded', () => {
    const lost = after(
      linkAtStart(0),
      [cut, 10],
      [{ type: 'retrying' }, 500],
      [cut, 10 + GRACE_MS],
    );
    expect(lost).toMatchObject({ phase: 'lost', cutAt: 10 });
  });

  it('keeps the time of the first cut over failed tries', () => {
    const lost = after(
      live,
      [cut, 1000],
      [{ type: 'retrying' }, 1500],
      [cut, 9000],
      [{ type: 'retrying' }, 9500],
      [cut, 9900],
    );
    expect(lost).toMatchObject({ phase: 'lost', cutAt: 1000 });
  });

  it('waits longer after each failure, up to a bound', () => {
    let state = live;
    const waits: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      state = nextLink(state, cut, 0, 0);
      waits.push(state.retryAt ?? -1);
      state = nextLink(state, { type: 'retrying' }, 0, 0);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('spreads the retries by chance', () => {
    expect(nextLink(live, cut, 0, 1).retryAt).toBe(250);
  });

  it('ends with the session and never comes back by itself', () => {
    const ended = after(live, [{ type: 'unauthorized' }, 10]);
    expect(after(ended, [{ type: 'heard' }, 20], [cut, 30], [{ type: 'tick' }, 99_999]).phase).toBe(
      'ended',
    );
  });
});
