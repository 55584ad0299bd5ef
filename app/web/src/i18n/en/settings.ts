/** Words of the settings, in English. */

import type { settings as vi } from '../vi/settings';
import { deliveries } from './deliveries';

export const settings: typeof vi = {
  publicAddress: {
    this_machine:
      'This address means the server itself; phones and other machines cannot open it. A technician sets the real one: [centre] public_url.',
    plain_http:
      'This address has no https: a phone gives it no camera, and others in the network can read along. A technician installs a certificate, then sets public_url.',
  },
  settings: {
    sections: {
      walls: 'Walls',
      phones: 'Phones as cameras',
      deliveries: 'Told outside',
    },
    nothing: 'There is nothing that this account may set up.',
    no: 'No',
    deliveries,
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
