/** Words of what is near an alert, in English. */

import type { nearby as vi } from '../vi/nearby';

export const nearby: typeof vi = {
  nearby: {
    title: 'Nearby',
    asking: 'Looking…',
    failed: 'Could not be loaded.',
    again: 'Try again',
    unreadable: 'Its file is broken, tell the technician',
    none: (within: string) => `None within ${within}`,
    metres: (metres: number) => `${metres} m`,
    kilometres: (kilometres: string) => `${kilometres} km`,
    letters: { hydrant: 'H', station: 'S', access: 'A', phone: 'P' },
  },
};
