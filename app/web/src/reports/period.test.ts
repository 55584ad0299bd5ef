import { describe, expect, it } from 'vitest';

import { choiceOf, chosen, searchOf, shiftOf, type Choice } from './period';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const ASKED: Choice = { period: 'today', from: '', to: '', shift: '' };

describe('a report’s period', () => {
  it('is today unless the address says otherwise', () => {
    expect(choiceOf('').period).toBe('today');
    expect(choiceOf('?period=forever').period).toBe('today');
  });
  it('comes back from the address', () => {
    const dates: Choice = { ...ASKED, period: 'dates', from: '2026-10-15', to: '2026-11-14' };
    expect(choiceOf(searchOf(dates))).toEqual(dates);
    const shift: Choice = { ...ASKED, period: 'shift', shift: 'a-b' };
    expect(choiceOf(searchOf(shift))).toEqual(shift);
  });
  it('names the ministry’s month', () => {
    expect(chosen({ ...ASKED, period: 'month' }, [], NOW)).toMatchObject({ year: 2026, part: 12 });
    expect(chosen({ ...ASKED, period: 'last_month' }, [], NOW)).toMatchObject({ part: 11 });
  });
  it('is nothing while the dates are not whole or the shift is unknown', () => {
    expect(chosen({ ...ASKED, period: 'dates', from: '2026-10-15' }, [], NOW)).toBeNull();
    expect(chosen({ ...ASKED, period: 'shift', shift: 'x' }, [], NOW)).toBeNull();
  });
  it('of a shift that goes on ends now', () => {
    const shift = { id: 'a', taken_at: '2026-11-24T00:00:00Z', ended_at: null };
    expect(chosen({ ...ASKED, period: 'shift' }, [shift], NOW)?.to).toBe(NOW);
    const ended = { ...shift, ended_at: '2026-11-24T08:00:00Z' };
    expect(chosen({ ...ASKED, period: 'shift', shift: 'a' }, [ended], NOW)?.to).toBe(
      Date.parse('2026-11-24T08:00:00Z'),
    );
  });
});

describe('the shift whose officer is told of', () => {
  const shifts = [
    { id: 'b', taken_at: '2026-11-24T00:00:00Z', ended_at: null },
    { id: 'a', taken_at: '2026-11-23T00:00:00Z', ended_at: '2026-11-24T00:00:00Z' },
  ];
  it('is the named one, else the newest, and none of another period', () => {
    expect(shiftOf(choiceOf('?period=shift&shift=a'), shifts)?.id).toBe('a');
    expect(shiftOf(choiceOf('?period=shift'), shifts)?.id).toBe('b');
    expect(shiftOf(choiceOf('?period=shift&shift=made-up'), shifts)).toBeNull();
    expect(shiftOf(choiceOf('?period=today&shift=a'), shifts)).toBeNull();
  });
});
