import { describe, expect, it } from 'vitest';

import { dayBeside, difference, situationChoiceOf, situationSearchOf } from './situation';

describe('the situation report', () => {
  it('keeps what is asked for in the address', () => {
    const choice = { period: 'quarter', day: '2026-11-26' } as const;
    expect(situationChoiceOf(situationSearchOf(choice))).toEqual(choice);
    expect(situationSearchOf({ period: 'day', day: '' })).toBe('?period=day');
  });

  it('takes nonsense for today', () => {
    expect(situationChoiceOf('?period=week&day=2026-02-30')).toEqual({ period: 'day', day: '' });
  });

  it('goes a day back and on, over the end of a month', () => {
    const now = Date.parse('2026-12-01T03:00:00Z');
    expect(dayBeside('', -1, now)).toBe('2026-11-30');
    expect(dayBeside('2026-11-30', 1, now)).toBe('2026-12-01');
  });

  it('says how much a figure changed, and nothing where it is the same or not known', () => {
    expect(difference(5, 2)).toBe('+3');
    expect(difference(2, 5)).toBe('-3');
    expect(difference(2, 2)).toBe('');
    expect(difference(2, null)).toBe('');
  });
});
