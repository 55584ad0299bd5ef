/** Which screen stands at which path, and which of them a role uses. Pure; the centre serves one page for all. */

import type { User } from '../api/types';

export const SCREENS = [
  'desk',
  'calls',
  'incidents',
  'cameras',
  'registry',
  'areas',
  'search',
  'history',
  'report',
  'map',
  'facilities',
  'settings',
  'wall',
  'phone',
  'caller',
  'field',
] as const;
export type Screen = (typeof SCREENS)[number];

export const PATHS: Readonly<Record<Screen, string>> = {
  desk: '/',
  calls: '/calls',
  incidents: '/incidents',
  cameras: '/cameras',
  registry: '/registry',
  areas: '/areas',
  search: '/search',
  history: '/history',
  report: '/report',
  map: '/map',
  facilities: '/facilities',
  settings: '/settings',
  wall: '/wall',
  phone: '/phone',
  caller: '/caller',
  field: '/field',
};

/** The screens that a role's work is done on, most used first; the rest stand behind these. */
const OF_OFFICERS: readonly Screen[] = [
  'desk',
  'calls',
  'incidents',
  'map',
  'facilities',
  'cameras',
  'history',
  'report',
];
const OF_OTHERS: Readonly<Partial<Record<User['role'], readonly Screen[]>>> = {
  technician: ['desk', 'cameras', 'map', 'facilities', 'history', 'report', 'settings'],
  admin: ['settings', 'cameras', 'facilities', 'map', 'history', 'report', 'desk'],
  auditor: ['history', 'report', 'incidents', 'map', 'cameras', 'desk'],
  agency: ['desk', 'cameras', 'map', 'facilities', 'history'],
  viewer: ['desk', 'incidents', 'map', 'facilities', 'cameras', 'history'],
};

/** What the navigation shows to somebody; whoever is an officer too sees the officers'. */
export function screensOf({ role, roles }: Pick<User, 'role' | 'roles'>): readonly Screen[] {
  const isOfficer = roles.includes('operator') || roles.includes('leader');
  return isOfficer ? OF_OFFICERS : (OF_OTHERS[role] ?? OF_OFFICERS);
}

/** The screen of a path or of anything below it; the desk for what is not known. */
export function screenAt(path: string): Screen {
  const first = `/${path.split('/')[1] ?? ''}`;
  return SCREENS.find((screen) => PATHS[screen] === first) ?? 'desk';
}

/** What stands below the screen's own path: `/history/abc` gives `abc`. */
export function restOf(path: string): string {
  return path.split('/').slice(2).join('/');
}
