import { describe, expect, it } from 'vitest';

import { answeredAfter, outcomeOf } from './outcome';

const person = { username: 'an', name: 'An' };

describe('outcome', () => {
  it('is none until somebody judged, also while a co-sign is awaited', () => {
    expect(outcomeOf({ verdict_by: null, reject_reason: null })).toBe('none');
    expect(outcomeOf({ verdict_by: null, reject_reason: 'steam' })).toBe('none');
  });
  it('is rejected with a reason, confirmed without', () => {
    expect(outcomeOf({ verdict_by: person, reject_reason: 'steam' })).toBe('rejected');
    expect(outcomeOf({ verdict_by: person, reject_reason: null })).toBe('confirmed');
  });
});

describe('time to answer', () => {
  it('starts at the picture and is never negative', () => {
    const raised_at = '2026-11-24T10:00:00Z';
    const acknowledged_at = '2026-11-24T10:00:12Z';
    const after = (part: object) =>
      answeredAfter({ raised_at, acknowledged_at, state: 'acknowledged', ...part });
    expect(after({})).toBe(12);
    expect(after({ acknowledged_at: '2026-11-24T09:59:00Z' })).toBe(0);
    expect(after({ acknowledged_at: null })).toBeNull();
    expect(after({ state: 'new' })).toBeNull(); // its lease is over
  });
});
