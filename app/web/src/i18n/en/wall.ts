/** Words of the wall and of the map, in English. */

import type { wall as vi } from '../vi/wall';
import { plural } from './plural';

export const wall: typeof vi = {
  wall: {
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
      urgent > 0
        ? `and ${plural(hidden, 'more alert')}, ${urgent} of them urgent`
        : `and ${plural(hidden, 'more alert')}`,
    unreachable: 'The centre does not answer. This screen reconnects by itself.',
    blocked: 'This wall was not opened yet',
    blockedExplained:
      'An administrator or a shift leader logs in, presses their own name, chooses “Open a wall”, and opens that link on this machine.',
    login: 'Log in',
    link: 'Open a wall…',
    linkName: 'Name of the wall',
    linkMake: 'Make the link',
    linkReady: 'Open this link on the wall’s machine within 10 minutes. It works once.',
    linkFailed: (detail) => `Not made: ${detail}`,
  },
  map: {
    label: 'Map of cameras and alerts',
    blind: 'No picture',
    cameras: (count) => plural(count, 'camera'),
    since: (time) => `since ${time}`,
    unplaced: (count) => `${plural(count, 'camera')} without coordinates`,
  },
};
