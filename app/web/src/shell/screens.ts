/** The screens inside the login, each loaded when it is first looked at. All take the same props. */

import type { Component } from 'svelte';

import { features, type User } from '../api';
import type { Watch } from '../desk/watch.svelte';
import type { Screen } from './routes';

export interface ScreenProps {
  user: User;
  watch: Watch;
}

/** The wall and the pages of phones stand by themselves, without what officers have around them. */
export type ScreenInside = Exclude<Screen, Outside>;
export const OUTSIDE = ['wall', 'phone', 'caller', 'field'] as const satisfies readonly Screen[];
type Outside = (typeof OUTSIDE)[number];

export function isOutside(screen: Screen): screen is Outside {
  return OUTSIDE.some((one) => one === screen);
}

type Loader = () => Promise<{ default: Component<ScreenProps> }>;

export const LOADERS: Readonly<Record<ScreenInside, Loader>> = {
  desk: () => import('../desk/DeskScreen.svelte'),
  calls: () => import('../calls/CallsScreen.svelte'),
  incidents: () => import('../incidents/IncidentsScreen.svelte'),
  cameras: () => import('../cameras/CamerasScreen.svelte'),
  registry: () => import('../registry/RegistryScreen.svelte'),
  areas: () => import('../watch_areas/AreasScreen.svelte'),
  search: () => import('../sightings/SearchScreen.svelte'),
  history: () => import('../history/HistoryScreen.svelte'),
  map: () => import('../map/MapScreen.svelte'),
  facilities: () => import('../facilities/FacilitiesScreen.svelte'),
  report: () => import('../reports/ReportsScreen.svelte'),
  settings: () => import('../settings/SettingsScreen.svelte'),
};

/** The features that a screen belongs to, where a site can do without them. */
const OF_FEATURE: Partial<Record<Screen, string>> = {
  calls: 'calls',
  areas: 'watch_areas',
  facilities: 'facilities',
};

export function isShown(screen: Screen): boolean {
  const feature = OF_FEATURE[screen];
  return feature === undefined || features.has(feature);
}
