/** Which screen stands at which path. Pure; the centre serves one page for all of them. */

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

/** The screen of a path or of anything below it; the desk for what is not known. */
export function screenAt(path: string): Screen {
  const first = `/${path.split('/')[1] ?? ''}`;
  return SCREENS.find((screen) => PATHS[screen] === first) ?? 'desk';
}

/** What stands below the screen's own path: `/history/abc` gives `abc`. */
export function restOf(path: string): string {
  return path.split('/').slice(2).join('/');
}
