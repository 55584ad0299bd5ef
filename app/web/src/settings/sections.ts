/** The sections of the settings, and who finds which. Pure; the centre judges every request again. */

import { features } from '../api/features.svelte';
import type { User } from '../api/types';

type Role = User['role'];

const SECTIONS = [
  'accounts',
  'walls',
  'phones',
  'roster',
  'shelvings',
  'nuisances',
  'deliveries',
  'devices',
] as const;
export type Section = (typeof SECTIONS)[number];

const FOR: Readonly<Record<Section, readonly Role[]>> = {
  accounts: ['admin'],
  walls: ['leader', 'admin'],
  phones: ['operator', 'leader'],
  roster: ['leader', 'admin', 'operator', 'auditor'],
  deliveries: ['admin', 'technician', 'leader', 'auditor'],
  devices: ['operator', 'leader', 'technician', 'admin', 'auditor'],
  shelvings: ['operator', 'leader', 'technician', 'auditor'],
  nuisances: ['leader', 'technician', 'admin', 'auditor'],
};

export function sectionsOf(user: Pick<User, 'roles'>): readonly Section[] {
  return SECTIONS.filter(
    (section) =>
      (section !== 'devices' || features.has('signals')) &&
      FOR[section].some((role) => user.roles.includes(role)),
  );
}

/** The section that an address names, or the first that this person finds. */
export function sectionAt(rest: string, user: Pick<User, 'roles'>): Section | null {
  const mine = sectionsOf(user);
  return mine.find((section) => section === rest) ?? mine[0] ?? null;
}
