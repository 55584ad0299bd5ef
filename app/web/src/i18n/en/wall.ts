/** Words of the wall and of the map, in English. */

import type { wall as vi } from '../vi/wall';
import { plural } from './plural';

export const wall: typeof vi = {
  wall: {
    water: 'Water',
    coverage: 'Coverage',
    duty: 'On duty',
    day: (hours, share) => `last ${hours} h: ${share} %`,
    flood: 'FLOOD',
    inTime: 'Answered ≤ 15 s today',
    today: 'Today',
    none: 'no alert yet',
    kindCount: (kind, count) => `${kind} ${count}`,
    falseAlarms: (count) => `false ${count}`,
    page: (page, pages) => `Page ${page}/${pages}`,
    blind: 'Blind',
    more: (hidden, urgent) =>
      urgent > 0 ? `and ${hidden} more, ${urgent} of them urgent` : `and ${hidden} more`,
    unreachable: 'The centre does not answer. This screen reconnects by itself.',
    blocked: 'This wall was not opened yet',
    code: 'Code of this wall',
    blockedExplained:
      'At a shift leader’s or administrator’s machine: press the name, choose “Settings”, “Walls”, and type these six digits. They change after 2 minutes.',
    scan: 'Or scan this with the shift leader’s phone.',
    noCode: 'Asking for a code…',
    login: 'Log in',
  },
  map: {
    units: (count: number) => `${count} units`,
    blindPlaces: (count: number) => `Blind in ${count} places`,
    unknownAge: 'age unknown',
    staleUnit: (age: string) => `position ${age} old`,
    label: 'Map of cameras and alerts',
    blind: 'No picture',
    cameras: (count) => plural(count, 'camera'),
    since: (time) => `since ${time}`,
    zoomIn: 'Closer',
    zoomOut: 'Farther',
    lost: (count) => `${plural(count, 'item')} cannot be drawn on the map. Call a technician.`,
    unplaced: (count) => `${plural(count, 'camera')} without coordinates`,
    drawn: 'Map drawn for illustration',
    trouble: {
      noWebGl: 'This computer cannot draw the street map (no WebGL in the browser): a grid only',
      failed: 'The map could not be read: a grid only',
    },
  },
};
