import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { isForLeader } from '../alert/triage';
import type { Alert } from '../api/types';
import { entryOfAlert, urgentOf } from '../incidents/entries';
import type { Row } from '../incidents/incident';
import { SILENCE_MS, chimeFor, chimeForRows, loopNow, type Silence } from './plan';
import { repeats } from '../incidents/standing';

/** What sounds for alerts by themselves. */
function loops(
  alerts: readonly Alert[],
  quiet: Silence | null,
  linkLost: boolean,
  now: number,
  isLeader = false,
) {
  const urgent = urgentOf(alerts.map(entryOfAlert));
  const toSign = isLeader && alerts.some(isForLeader);
  return loopNow({ urgent, toSign, linkLost }, quiet, now);
}

const RAISED = Date.parse('2026-11-24T07:00:00Z');
const p1 = madeAlert({ raised_at: '2026-11-24T07:00:00Z' });
const silence = { from: RAISED + 1000, until: RAISED + 1000 + SILENCE_MS };

describe('the P1 tone', () => {
  it('loops until a person answers', () => {
    expect(loops([p1], null, false, RAISED)).toBe('urgent');
    expect(loops([p1], null, false, RAISED + 3_600_000)).toBe('urgent');
    expect(loops([{ ...p1, state: 'acknowledged' }], null, false, RAISED)).toBeNull();
  });

  it('goes on when the fire is no longer seen but nobody answered', () => {
    expect(loops([{ ...p1, condition: 'cleared' }], null, false, RAISED)).toBe('urgent');
  });

  it('is silenced for a minute, and not answered by it', () => {
    expect(loops([p1], silence, false, silence.from)).toBeNull();
    expect(loops([p1], silence, false, silence.until)).toBe('urgent');
  });

  it('breaks a silence for a P1 that comes after it', () => {
    const later = madeAlert({ raised_at: new Date(silence.from + 5000).toISOString() });
    expect(loops([p1, later], silence, false, silence.from + 6000)).toBe('urgent');
  });

  it('has a sound of its own for what a call or a device told of too', () => {
    const sure = madeAlert({ ...p1, id: 'sure', corroboration: 'call', urgency: 1 });
    expect(loops([p1, sure], null, false, RAISED)).toBe('surest');
    expect(loops([sure, p1], silence, false, silence.from)).toBeNull();
    const told = { ...sure, spoke_at: new Date(silence.from + 5000).toISOString() };
    expect(loops([told, p1], silence, false, silence.from + 6000)).toBe('surest');
    expect(loops([{ ...sure, exercise: true }], null, false, RAISED)).toBe('urgent');
  });

  it('leaves the loop to the lost link', () => {
    expect(loops([p1], null, true, RAISED)).toBe('link_lost');
    expect(loops([], null, true, RAISED)).toBe('link_lost');
    expect(loops([], silence, true, silence.from)).toBeNull();
  });
});

describe('a rejection that waits for a leader', () => {
  const person = { username: 'an', name: 'An' };
  const asked = madeAlert({ state: 'acknowledged', cosign_wanted_by: person });
  it('sounds at the leader’s desk alone, until it is answered', () => {
    expect(loops([asked], null, false, RAISED, true)).toBe('cosign');
    expect(loops([asked], null, false, RAISED)).toBeNull();
    expect(loops([{ ...asked, state: 'closed' }], null, false, RAISED, true)).toBeNull();
  });
  it('gives way to a fire that nobody has answered, and to a silence', () => {
    expect(loops([asked, p1], null, false, RAISED, true)).toBe('urgent');
    expect(loops([asked], silence, false, silence.from, true)).toBeNull();
  });
});

describe('chimes', () => {
  it.each([
    [madeAlert(), null],
    [madeAlert({ kind: 'intrusion', priority: 2 }), 'important'],
    [madeAlert({ kind: 'crowd', priority: 3 }), 'notice'],
    [madeAlert({ kind: 'camera_offline', priority: 1 }), null],
    [madeAlert({ priority: 3 }), null],
    [madeAlert({ kind: 'haze', priority: 2 }), 'important'],
    [madeAlert({ state: 'acknowledged' }), 'important'],
    [madeAlert({ state: 'closed' }), null],
  ])('%#', (alert, chime) => expect(chimeFor(alert)).toBe(chime));
});

describe('in taken work', () => {
  const seen = { id: 'first', type: 'alert', kind: 'camera', priority: 2, unseen_since: null };
  const rowOf = (...sources: object[]): Row =>
    ({ type: 'incident', priority: 1, holder: { username: 'an' }, sources }) as unknown as Row;
  const next = madeAlert({ id: 'next', priority: 2 });

  it.each([
    ['another camera', next, rowOf(seen), true],
    ['a panel beside cameras', madeAlert({ ...next, rule: 'device' }), rowOf(seen), false],
    ['a camera that is more urgent', madeAlert({ id: 'next', priority: 1 }), rowOf(seen), false],
    ['a camera beside calls', next, rowOf({ ...seen, kind: 'call' }), false],
    ['one that nobody has seen', next, rowOf({ ...seen, unseen_since: 'now' }), false],
    ['one that has grown', { ...next, spoke_reason: 'area_doubled' }, rowOf(seen), false],
    ['work that nobody holds', next, { ...rowOf(seen), holder: null }, false],
    ['no row yet', next, null, false],
  ] as const)('%s', (_, alert, row, repeated) => {
    expect(repeats(alert, row)).toBe(repeated);
  });

  const at = { joined_at: new Date(RAISED).toISOString(), unseen_since: 'now' };
  const call = { id: 'c1', type: 'call', kind: 'call', priority: null, ...at };
  it.each([
    ['a first call', rowOf(seen, call), 'important'],
    ['a second call', rowOf({ ...call, id: 'c0', unseen_since: null }, call), null],
    ['a call that I wrote down', rowOf({ ...call, joined_by: { username: 'an' } }), null],
    ['a call of long ago', rowOf({ ...call, joined_at: '2026-11-24T06:00:00Z' }), null],
    ['an alert', rowOf({ ...seen, id: 'new' }), null],
    ['a light call', { ...rowOf(call), priority: 3, holder: null }, 'notice'],
  ] as const)('%s chimes as %s', (_, row, chime) => {
    const before = new Set(['first', 'c0']);
    expect(chimeForRows([row], before, 'an', RAISED)).toBe(chime);
    expect(chimeForRows([row], new Set([...before, 'c1', 'new']), 'an', RAISED)).toBeNull();
  });
});
