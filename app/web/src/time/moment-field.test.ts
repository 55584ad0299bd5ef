import { describe, expect, it } from 'vitest';

import { momentIso, momentOf, shownMoment, toMomentField } from './moment-field';

describe('a field of a date and a time', () => {
  it('is by the clock of Hà Nội, whatever the browser is set to', () => {
    expect(momentIso('2027-02-06T18:00')).toBe('2027-02-06T18:00:00+07:00');
    expect(momentIso('2027-02-06T18:00:30')).toBe('2027-02-06T18:00:30+07:00');
    expect(momentIso('')).toBe('');
    expect(toMomentField(Date.parse('2027-02-06T11:00:00Z'))).toBe('2027-02-06T18:00');
  });

  it('is read back as people write it', () => {
    expect(shownMoment(momentOf('2027-02-06T23:30') ?? 0)).toBe('06/02/2027 23:30');
    expect(momentOf('')).toBeNull();
    expect(momentOf('2027-02')).toBeNull();
  });
});
