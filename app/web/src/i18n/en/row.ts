/** Words of a row: an incident with its sources, its units and what is still open of it, in English. */

import type { row as vi } from '../vi/row';
import { plural } from './plural';

export const row: typeof vi = {
  row: {
    sections: { unanswered: 'Waiting', working: 'In work', review: 'To look at' },
    holder: (name) => `held by ${name}`,
    sources: 'Sources',
    calls: (count) => plural(count, 'call or message', 'calls and messages'),
    signs: { camera: 'cam', device: 'panel', call: 'call' },
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
    judgeFirst: 'A source has no verdict yet: look at each, press C or R.',
    open: 'Still open',
    stillUnclear: (names) => `No verdict: ${names}`,
    stillOut: (names) => `Still out: ${names}`,
    stillBlind: (names) => `Without a picture: ${names}`,
  },
};
