/** Words of exports of film and pictures, in English. */

import type { Catalogue } from '../vi';

export const exports: Pick<Catalogue, 'exports'> = {
  exports: {
    take: 'Download',
    busy: 'Working…',
    blurredMeans:
      'You get a copy in which people and plates are blurred, marked with your name. The model may miss somebody: look before you publish it.',
    unblurredMeans:
      'The original, not blurred. Your name and purpose go into the log and the sealed list.',
    unblurred: 'Do not blur (leader)',
    purpose: 'Purpose (stands in the log)',
    waiting: 'Waiting for the export before…',
    making: (percent) => `Blurring… ${percent} %`,
    cancel: 'Cancel',
    filmTitle: 'Download the film',
    filmSaved: (name) => `${name} is saved. The download stands in the log.`,
  },
};
