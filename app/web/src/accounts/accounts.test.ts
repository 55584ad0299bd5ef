import { describe, expect, it } from 'vitest';

import {
  type Account,
  changed,
  EMPTY,
  type Fields,
  fieldsOf,
  found,
  lacking,
  toggled,
} from './accounts';

const AN: Account = {
  username: 'an',
  name: 'Nguyễn Văn An',
  roles: ['leader', 'operator'],
  agencies: ['pc07'],
  areas: null,
  disabled: false,
  unit: null,
  of_provider: false,
  bound: false,
  factors: 0,
  own: false,
  created_at: '2026-11-24T01:02:03.004Z',
  version: 'x',
};

describe('an account in the form', () => {
  it('differs where something else is decided, not where an order differs', () => {
    const same: Fields = { ...fieldsOf(AN), roles: ['operator', 'leader'] };
    expect(changed(AN, same)).toEqual([]);
    expect(changed(AN, { ...same, agencies: null, disabled: true })).toEqual([
      'agencies',
      'disabled',
    ]);
  });

  it('says what it lacks', () => {
    expect(lacking(fieldsOf(AN))).toBeNull();
    expect(lacking(EMPTY)).toBe('name');
    expect(lacking({ ...AN, roles: [] })).toBe('roles');
    expect(lacking({ ...AN, agencies: [] })).toBe('agencies');
    expect(lacking({ ...AN, areas: [] })).toBe('areas');
    expect(lacking({ ...AN, roles: ['crew'] })).toBe('unit');
  });

  it('takes a name in and out', () => {
    expect(toggled<string>(['a'], 'b')).toEqual(['a', 'b']);
    expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
  });
});

describe('the list of accounts', () => {
  it('is searched by both names, those in use first', () => {
    const locked = { ...AN, username: 'binh', name: 'An Bình', disabled: true };
    expect(found([locked, AN], 'AN').map((one) => one.username)).toEqual(['an', 'binh']);
    expect(found([locked, AN], 'nguyễn')).toEqual([AN]);
    expect(found([locked, AN], 'nguyen')).toEqual([AN]);
    expect(found([AN], 'không có')).toEqual([]);
  });
});
