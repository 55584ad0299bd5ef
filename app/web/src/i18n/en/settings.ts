/** Words of the settings, in English. */

import type { settings as vi } from '../vi/settings';
import { accounts } from './accounts';
import { deliveries } from './deliveries';
import { roster } from './roster';

export const settings: typeof vi = {
  publicAddress: {
    this_machine:
      'This address means the server itself; phones and other machines cannot open it. A technician sets the real one: [centre] public_url.',
    plain_http:
      'This address has no https: a phone gives it no camera, and others in the network can read along. A technician installs a certificate, then sets public_url.',
  },
  settings: {
    sections: {
      accounts: 'Accounts',
      roster: 'Roster',
      walls: 'Walls',
      phones: 'Phones as cameras',
      deliveries: 'Told outside',
      shelvings: 'Shelvings',
      nuisances: 'Nuisances',
      devices: 'Devices',
    },
    nothing: 'There is nothing that this account may set up.',
    no: 'No',
    accounts,
    deliveries,
    roster,
    undo: 'Undo',
    shelvings: {
      how: 'Cameras, zones and kinds of alert that are shelved now. What is ended is heard at once; Undo shelves it again as it was.',
      end: 'End it',
      endAsked: (alerts) =>
        alerts > 0 ? `${alerts} alerts are heard at once.` : 'New alerts are heard at once.',
      ended: (name) => `Ended: ${name}.`,
    },
    nuisances: {
      how: (days) =>
        `Places that were rejected again and again in ${days} days. Open the camera for a mask, or shelve from the desk.`,
      camera: 'Camera',
      what: 'Kind of alert',
      count: 'How often',
      mask: 'Open the camera',
      none: 'There is none.',
    },
    walls: {
      how: 'Open /wall on the wall’s machine. It shows six digits for 2 minutes; type them here to let it in. A wall is for looking only, and sees the cameras that you may see.',
      code: 'Digits on the wall',
      name: 'Name of the wall',
      namePlaceholder: 'e.g. Hall, ground floor',
      open: 'Let it in',
      opened: (name, address) =>
        `“${name}” is open (machine ${address}). If that is no wall of yours, end it at once.`,
      inForce: 'Open now',
      none: 'No wall is open.',
      by: 'Opened by',
      since: 'Since',
      end: 'End this wall',
      endAsked: 'Its picture goes off at once.',
    },
  },
};
