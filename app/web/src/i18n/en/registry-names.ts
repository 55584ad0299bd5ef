/** Words of agencies and areas in the registry, in English. */

import type { Catalogue } from '../vi';

export const registryNames: Pick<Catalogue, 'registryNames'> = {
  registryNames: {
    title: 'Agencies, areas',
    kinds: { agencies: 'Agencies', areas: 'Areas' },
    add: { agencies: 'Add an agency', areas: 'Add an area' },
    none: 'There is none yet.',
    name: 'Name',
    phone: 'Telephone',
    parent: 'Lies in the area',
    noParent: 'in none',
  },
};
