/** Words of the map screen and of what is near a place, in English. */

import type { nearby as vi } from '../vi/nearby';

export const nearby: typeof vi = {
  mapScreen: {
    search: 'Search a place',
    placeholder: 'Street, ward, former name, camera…',
    nothing: 'Nothing found',
    failed: 'The search failed, try again',
    noPlace: 'no coordinates yet',
    open: 'Open the large map',
    kinds: { ward: 'Ward', street: 'Street', place: 'Place', camera: 'Camera' },
  },
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
