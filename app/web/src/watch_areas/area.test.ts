import { describe, expect, it } from 'vitest';

import { plainKind, TOY } from '../registry/made-kinds';
import { areaKinds, emptyForm, grouped, ownZone, proposalOf, type Area, type Status } from './area';

const CROWD = plainKind('crowd');
const INTRUSION = plainKind('intrusion', 'zone');
const KINDS = [CROWD, INTRUSION];
const NOW = Date.parse('2027-02-06T10:20:00Z');

describe('the form', () => {
  it('begins at the next full hour in Hà Nội', () => {
    const { startsAt, endsAt } = emptyForm(NOW);
    expect([startsAt, endsAt]).toEqual(['2027-02-06T18:00', '2027-02-06T22:00']);
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
      kinds: ['crowd', 'intrusion'],
      zones: ['gate/yard', 'lake/yard', 'tower/roof'],
    };
    expect(proposalOf(form, zones, KINDS).rules).toEqual([
      { kind: 'crowd' },
      { kind: 'intrusion', zone: 'yard', cameras: ['gate', 'lake'] },
    ]);
  });
});

describe('the kinds of rule of an area', () => {
  it('are those that need a zone at most, and no setting that has no default', () => {
    const asking = { ...TOY, kind: 'asking', settings: { ...TOY.settings, required: ['source'] } };
    const all = [CROWD, INTRUSION, plainKind('exit', 'line'), TOY, asking];
    expect(areaKinds(all).map(({ kind }) => kind)).toEqual(['crowd', 'intrusion', 'toy']);
  });

  it('have a zone each where they need one: none is sent without', () => {
    const form = { ...emptyForm(NOW), cameras: ['gate'], kinds: ['toy'], zones: ['gate/yard'] };
    const zones = [{ camera: 'gate', id: 'yard', name: 'Sân' }];
    expect(proposalOf(form, zones, [TOY]).rules).toEqual([
      { kind: 'toy', zone: 'yard', cameras: ['gate'] },
    ]);
  });
});

describe('zones of the area alone', () => {
  const polygon = [
    [0.1, 0.1],
    [0.5, 0.1],
    [0.5, 0.6],
  ] as const;

  it('have ids that no camera and no other of them has, as short as the centre takes', () => {
    const drawn = { id: 'san-truoc-cua-khach-san-hoa-binh-lang-ha', name: 'Sân', polygon };
    const first = ownZone('gate', drawn, []);
    const second = ownZone('lake', drawn, [first]);
    expect(first.id).toMatch(/^rieng-[a-z0-9-]{1,34}$/);
    expect(second.id).toMatch(/^rieng-[a-z0-9-]{1,34}$/);
    expect(second.id).not.toBe(first.id);
  });

  it('are sent with a rule each, while their camera is one of the area', () => {
    const gate = ownZone('gate', { id: 'san', name: 'Sân', polygon }, []);
    const lake = ownZone('lake', { id: 'san', name: 'Sân', polygon }, [gate]);
    const form = { ...emptyForm(NOW), kinds: ['intrusion'], ownZones: [gate, lake] };
    const { zones, rules } = proposalOf({ ...form, cameras: ['gate'] }, [], KINDS);
    expect(zones).toEqual([{ camera: 'gate', id: 'rieng-san', name: 'Sân', polygon }]);
    expect(rules).toEqual([{ kind: 'intrusion', zone: 'rieng-san', cameras: ['gate'] }]);
    expect(proposalOf({ ...form, kinds: ['crowd'], cameras: ['gate'] }, [], KINDS).zones).toEqual(
      [],
    );
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
