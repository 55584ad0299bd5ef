import { describe, expect, it } from 'vitest';

import { moment, rosterDays, rosterSpan, type RosterDuty } from './roster';

const at = (text: string): number => Date.parse(`${text}+07:00`);

function duty(id: string, begins: string, kind: RosterDuty['duty'] = 'desk'): RosterDuty {
  return {
    id,
    person: { username: id, name: id },
    duty: kind,
    begins_at: new Date(at(begins)).toISOString(),
    ends_at: new Date(at(begins) + 86_400_000).toISOString(),
    swapped_with: null,
  };
}

describe('the roster', () => {
  it('shows a week from Monday and a month whole', () => {
    const thursday = at('2026-11-26T03:00');
    expect(rosterSpan('week', thursday)).toEqual({
      from: at('2026-11-23T00:00'),
      to: at('2026-11-30T00:00'),
    });
    expect(rosterSpan('week', at('2026-11-29T23:59')).from).toBe(at('2026-11-23T00:00'));
    expect(rosterSpan('week', at('2026-11-30T00:00')).from).toBe(at('2026-11-30T00:00'));
    expect(rosterSpan('month', thursday)).toEqual({
      from: at('2026-11-01T00:00'),
      to: at('2026-12-01T00:00'),
    });
  });

  it('puts each duty on the day on which it begins', () => {
    const span = rosterSpan('week', at('2026-11-26T03:00'));
    const days = rosterDays(span, [
      duty('before', '2026-11-22T07:00'),
      duty('first', '2026-11-23T07:00'),
      duty('called', '2026-11-29T07:00', 'on_call'),
    ]);
    expect(days).toHaveLength(7);
    expect(days[0]?.duties.desk.map((one) => one.id)).toEqual(['before', 'first']);
    expect(days[6]?.duties.on_call.map((one) => one.id)).toEqual(['called']);
  });

  it('reads a day and a time', () => {
    expect(moment('2026-11-26', '07:30')).toBe(at('2026-11-26T07:30'));
    expect(moment('2026-11-26', '24:00')).toBeNull();
    expect(moment('', '07:00')).toBeNull();
  });
});
