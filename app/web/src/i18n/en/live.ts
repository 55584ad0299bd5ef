/** Words of live view, in English. */

import type { Catalogue } from '../vi';

export const live: Pick<Catalogue, 'live'> = {
  live: {
    label: (camera: string) => `Live view, ${camera}`,
    connecting: 'Connecting…',
    live: 'Live',
    pictures: 'Live as single pictures — WebRTC does not work here',
    notLive: (at: string) => `Not live — picture of ${at}`,
    box: (label: string, confidence: string, agoS: number) =>
      `${label} ${confidence}${agoS >= 1 ? ` · ${agoS} s ago` : ''}`.trim(),
    noPicture: 'Not live — no picture yet',
  },
};
