import { describe, expect, it } from 'vitest';

import {
  GRACE_MS,
  WATCHDOG_MS,
  isBlind,
  linkAtStart,
  nextLink,
  type LinkEvent,
  type LinkState,
} from './link-state';

const live = nextLink(linkAtStart(0), { type: 'heard' }, 0);
const cut: LinkEvent = { type: 'cut', reason: 'closed by the centre' };

function after(state: LinkState, ...events: [LinkEvent, number][]): LinkState {
  return events.reduce((s, [event, at]) => nextLink(s, event, at, 0), state);
}

describe('the link', () => {
  it('is live once the centre speaks', () => {
    expect(linkAtStart(0).phase).toBe('connecting');
    expect(live.phase).toBe('live');
  });

  it('stays live while heartbeats come', () => {
    const later = after(
      live,
      [{ type: 'heard' }, 20_000],
      [{ type: 'tick' }, 20_000 + WATCHDOG_MS - 1],
    );
    expect(later.phase).toBe('live');
  });

  it('is lost when nothing is heard for the watchdog, and says since when', () => {
    const lost = after(live, [{ type: 'heard' }, 1000], [{ type: 'tick' }, 1000 + WATCHDOG_MS]);
    expect(lost).toMatchObject({ phase: 'lost', cutAt: 1000, reason: 'nothing heard' });
    expect(lost.retryAt).not.toBeNull();
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
    expect(after(lost, [{ type: 'tick' }, 4000 + WATCHDOG_MS - 1]).retryAt).toBeNull();
    expect(after(lost, [{ type: 'tick' }, 4000 + WATCHDOG_MS])).toMatchObject({
      phase: 'lost',
      reason: 'no answer',
      cutAt: 0,
    });
    expect(after(lost, [{ type: 'tick' }, 4000 + WATCHDOG_MS]).retryAt).not.toBeNull();
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
