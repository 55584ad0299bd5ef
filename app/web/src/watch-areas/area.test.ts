import { describe, expect, it } from 'vitest';

import { emptyForm, grouped, isoOf, localInput, proposalOf, type Area, type Status } from './area';

const NOW = Date.parse('2027-02-06T10:20:00Z');

describe('the form', () => {
  it('begins at the next full hour in Hà Nội', () => {
    const { startsAt, endsAt } = emptyForm(NOW);
    expect([startsAt, endsAt]).toEqual(['2027-02-06T18:00', '2027-02-06T22:00']);
  });

  it('is read as the time of Hà Nội and written back the same', () => {
    expect(isoOf('2027-02-06T18:00')).toBe('2027-02-06T18:00:00+07:00');
    expect(localInput(Date.parse(isoOf('2027-02-06T18:00')))).toBe('2027-02-06T18:00');
    expect(isoOf('')).toBe('');
  });

  it('makes one intrusion rule of the zones of one name, on chosen cameras alone', () => {
    const zones = [
      { camera: 'gate', id: 'yard', name: 'Sân' },
      { camera: 'lake', id: 'yard', name: 'Sân' },
      { camera: 'tower', id: 'roof', name: 'Mái' },
    ];
    const form = {
      ...emptyForm(NOW),
      cameras: ['gate', 'lake'],
      kinds: ['crowd' as const, 'intrusion' as const],
      zones: ['gate/yard', 'lake/yard', 'tower/roof'],
    };
    expect(proposalOf(form, zones).rules).toEqual([
      { kind: 'crowd' },
      { kind: 'intrusion', zone: 'yard', cameras: ['gate', 'lake'] },
    ]);
  });
});

describe('the list', () => {
  it('has every area once, what waits for a leader first', () => {
    const all: Status[] = ['ended', 'running', 'expired', 'proposed', 'planned', 'refused'];
    const areas = all.map((status) => ({ id: status, status }) as Area);
    const told = [...grouped(areas)].map(([group, found]) => [group, found.map((one) => one.id)]);
    expect(told).toEqual([
      ['waiting', ['proposed']],
      ['running', ['running']],
      ['planned', ['planned']],
      ['over', ['ended', 'expired', 'refused']],
    ]);
  });
});
