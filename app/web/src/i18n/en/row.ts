/** Words of a row: an incident with its sources, its units and what is still open of it, in English. */

import type { row as vi } from '../vi/row';

export const row: typeof vi = {
  row: {
    sections: { unanswered: 'Waiting', working: 'In work', review: 'To look at' },
    holder: (name) => `held by ${name}`,
    sources: 'Sources',
    signs: {
      camera: 'cam',
      device: 'panel',
      call: 'call',
      message: 'msg',
      signal: 'signal',
      site: 'site',
    },
    because: {
      first: '',
      same_camera: 'same camera',
      same_device: 'same panel',
      same_facility: 'same facility',
      same_point: 'same place',
      near: '',
      by_hand: 'joined by hand',
    },
    falseCalls: { hoax: 'Hoax', mistaken: 'Mistaken' },
    comes: 'new',
    unclear: 'unclear',
    real: 'real',
    wrong: 'false',
    over: 'done',
    keys: 'digit: see a source · C real · R false · U separate',
    suggested: (what) => `Perhaps the same: ${what}`,
    units: 'Units',
    noUnits: 'No unit sent',
    waits: 'no answer yet',
    todo: 'To do before units arrive',
    after: 'Outcome, damage',
    more: 'Around here, log',
    noIncident: 'This alert is no incident yet: confirm it first.',
    oneSource: 'This incident has one source only: nothing to separate.',
    open: 'Still open: say a few words and end it, or finish it',
    points: {
      sources: 'A source has no verdict: look at each, press C or R',
      cosign: 'A false alarm waits for a co-signature',
      unseen: 'A new source was not seen yet',
      units: 'A unit is still out',
      requests: 'A crew waits for an answer',
      blind: 'A camera near it shows no picture: nobody sees whether it is over',
    },
  },
};
