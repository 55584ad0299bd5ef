/** What an admin decides of an account: the form, what it changes, and what is sent. Pure. */

import { matches } from '../alert/triage';
import type { components } from '../api/schema';

export type Account = components['schemas']['AccountResponse'];
export type AccountRole = Account['roles'][number];

export const ROLES: readonly AccountRole[] = [
  'operator',
  'leader',
  'viewer',
  'technician',
  'agency',
  'auditor',
  'crew',
  'admin',
];

/** All that is decided of an account; null is every agency, or every area. */
export interface Fields {
  readonly name: string;
  readonly roles: readonly AccountRole[];
  readonly agencies: readonly string[] | null;
  readonly areas: readonly string[] | null;
  readonly disabled: boolean;
  /** For which a crew speaks. */
  readonly unit: string | null;
}

export type FieldName = keyof Fields;

export const EMPTY: Fields = {
  name: '',
  roles: ['operator'],
  agencies: null,
  areas: null,
  disabled: false,
  unit: null,
};

const ORDER: readonly FieldName[] = ['name', 'roles', 'agencies', 'areas', 'unit', 'disabled'];

export function fieldsOf(account: Fields): Fields {
  const { name, roles, agencies, areas, disabled, unit } = account;
  return { name, roles, agencies, areas, disabled, unit };
}

/** The fields that differ, in the order of the form. */
export function changed(before: Fields, after: Fields): readonly FieldName[] {
  return ORDER.filter((field) => asText(before[field]) !== asText(after[field]));
}

/** Why the form cannot be saved as it is; null where it can. */
export function lacking(fields: Fields): 'name' | 'roles' | 'agencies' | 'areas' | 'unit' | null {
  if (!fields.name.trim()) return 'name';
  if (fields.roles.length === 0) return 'roles';
  if (fields.roles.includes('crew') && !fields.unit) return 'unit';
  if (fields.agencies?.length === 0) return 'agencies';
  return fields.areas?.length === 0 ? 'areas' : null;
}

/** The list with a name in it, or without it when it was there. */
export function toggled<T extends string>(list: readonly T[], name: T): readonly T[] {
  return list.includes(name) ? list.filter((each) => each !== name) : [...list, name];
}

/** The accounts whose names hold a text, typed with or without marks, those in use first. */
export function found(accounts: readonly Account[], text: string): readonly Account[] {
  return accounts
    .filter((one) => matches(text, `${one.username} ${one.name}`))
    .toSorted((a, b) => Number(a.disabled) - Number(b.disabled));
}

function asText(value: Fields[FieldName]): string {
  return JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
}
