import { describe, expect, it, vi } from 'vitest';

import type { IncomingCall } from '../incidents/incident';
import { isFree, mineOf, ringing, spaced } from './incoming.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

const NOW = Date.parse('2026-11-26T08:00:00Z');

function call(id: string, facts: Partial<IncomingCall> = {}): IncomingCall {
  return {
    id,
    exchange: 'pbx',
    line: '113',
    caller: '0912345678',
    state: 'ringing',
    began_at: '2026-11-26T07:59:50Z',
    answered_at: null,
    ended_at: null,
    taken_by: null,
    taken_at: null,
    repeated: false,
    hoaxes: 0,
    ...facts,
  };
}

function heldSince(at: string, username = 'binh'): Partial<IncomingCall> {
  return { taken_by: { username, name: username }, taken_at: at };
}

describe('what rings', () => {
  it('is what nobody has, the oldest first', () => {
    const calls = [
      call('new'),
      call('held', heldSince('2026-11-26T07:59:55Z')),
      call('missed', { state: 'missed' }),
      call('left', heldSince('2026-11-26T07:57:00Z')),
      call('old', { state: 'answered' }),
    ];
    expect(ringing(calls, NOW).map((one) => one.id)).toEqual(['old', 'left', 'new']);
    expect(isFree(call('held', heldSince('2026-11-26T07:59:55Z')), NOW)).toBe(false);
  });

  it('is mine when I took it, the first one first', () => {
    const calls = [
      call('second', heldSince('2026-11-26T07:59:55Z', 'an')),
      call('first', heldSince('2026-11-26T07:59:50Z', 'an')),
      call('other', heldSince('2026-11-26T07:59:50Z')),
    ];
    expect(mineOf(calls, 'an')?.id).toBe('first');
    expect(mineOf(calls, 'chi')).toBeNull();
  });
});

it('writes a number as it is read aloud', () => {
  expect(spaced('0912345678')).toBe('0912 345 678');
  expect(spaced('•••• 78')).toBe('•••• 78');
});
