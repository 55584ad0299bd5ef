import { describe, expect, it } from 'vitest';

import type { OneFacility } from './facility-api';
import { EMPTY, formOfFacility, requestOfForm } from './facility-form';

const outline: [number, number][] = [
  [21, 105.8],
  [21.001, 105.8],
  [21, 105.801],
];
const KEPT: OneFacility = {
  id: 'a',
  code: 'K-1',
  name: 'Chợ Đồng Xuân',
  kind: 'market',
  place: { lat: 21.038, lon: 105.8493, text: 'Hoàn Kiếm', outline },
  contacts: [
    { name: 'Bảo vệ', phone: '02438282170', role: null, hours: 'cả ngày' },
    { name: 'Ban quản lý', phone: null, role: null, hours: null },
  ],
  floors: 3,
  basements: null,
  hazards: ['vải', 'gas'],
  access: null,
  water: null,
  agency: null,
  area: null,
  written_by: null,
  written_at: '2026-11-29T00:00:00.000Z',
  distance_m: null,
  documents: [],
  may_change: true,
};

describe('the form of a facility', () => {
  it('gives back what it was given', () => {
    const sent = requestOfForm(formOfFacility(KEPT, KEPT.kind), KEPT);
    expect(sent.contacts).toEqual(KEPT.contacts);
    expect(sent.hazards).toEqual(['vải', 'gas']);
    expect(sent.place).toEqual(KEPT.place);
    expect([sent.floors, sent.basements, sent.code]).toEqual([3, null, 'K-1']);
  });

  it('leaves an outline behind when the facility moves', () => {
    const moved = { ...formOfFacility(KEPT, 'Chợ'), lat: '21,04' };
    const sent = requestOfForm(moved, KEPT);
    expect(sent.place).toEqual({ lat: 21.04, lon: 105.8493, text: 'Hoàn Kiếm', outline: [] });
  });

  it('sends nothing for what was left empty', () => {
    const sent = requestOfForm({ ...EMPTY, name: ' Kho ', kind: 'kho' }, null);
    expect(sent.name).toBe('Kho');
    expect(sent.place).toEqual({ lat: null, lon: null, text: null, outline: [] });
    expect([sent.contacts, sent.hazards, sent.floors]).toEqual([[], [], null]);
  });
});
