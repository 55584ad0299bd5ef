/** Words of the viewing log and of the second login step, in English. */

import type { Catalogue } from '../vi';

const what: Record<string, string> = {
  evidence: 'Stored picture, film',
  live: 'Live picture',
  recording: 'Recording',
  search: 'Search of the film',
  still: 'Live still',
  export: 'Exported file',
};

const ground: Record<string, string> = {
  open_alert: 'Open alert',
  closed_alert: 'Closed alert',
  duty: 'On duty',
  none: 'No ground',
};

export const security: Pick<Catalogue, 'viewings' | 'factors' | 'guessed'> = {
  guessed: {
    password: (at) =>
      `Somebody guessed at your password (${at}). If it was not you: tell an administrator, and change it.`,
    codes: (at) =>
      `Somebody knows your password and guessed at your codes (${at}). If it was not you: change the password now, and tell an administrator.`,
  },
  viewings: {
    title: 'Viewing log',
    lead: 'Who saw which picture, when, and why. Each line stands in the sealed log.',
    at: 'At',
    person: 'Who',
    what: 'Kind',
    object: 'Object',
    camera: 'Camera',
    ground: 'Ground',
    empty: 'Nobody has looked yet.',
    more: 'Older ones',
    failed: 'The log could not be loaded. Try again, or tell the technician.',
    whats: what,
    grounds: ground,
  },
  factors: {
    title: 'Second login step',
    lead: 'After the password, the code of your phone or your security key is asked for.',
    notLoaded: 'The list did not load yet; trying again.',
    none: 'Off. The password is the only protection.',
    totp: 'Code of a phone',
    key: 'Security key',
    addCode: 'Add a code app',
    addKey: 'Add a security key',
    scan: 'Scan this with your code app, then type the 6 digits that it shows.',
    secret: 'Or type it:',
    code: '6 digits',
    name: 'Name to remember it by',
    save: 'Turn on',
    remove: 'Remove',
    failed: 'It did not work. Try again.',
    askCode: 'Type the 6 digits of your phone',
    useKey: 'Use the security key',
    submit: 'Confirm',
    back: 'Back',
  },
};
