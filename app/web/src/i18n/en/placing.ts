/** Words of putting a camera on the map, in English. */

import type { Catalogue } from '../vi';

export const placing: Pick<Catalogue, 'placing'> = {
  placing: {
    label: 'The camera on the map',
    click: 'Click on the map to put the camera there, or type latitude and longitude.',
    how: 'Click or drag the blue dot to move it; drag the dot in front of it to turn it. Then save.',
  },
};
