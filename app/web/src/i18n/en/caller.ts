/** Words of the caller's own page, and of what an officer sees of it, in English. */

import type { caller as Vietnamese } from '../vi/caller';

export const caller: typeof Vietnamese = {
  caller: {
    title: 'Send to the centre',
    states: {
      opening: 'Opening…',
      open: '',
      link_used: 'Another phone opened this link. Call the centre again for a new one.',
      link_over: 'There is no such link, or its time has ended. Call the centre for a new one.',
      unreachable: 'The centre is not reached. Check the network and try again.',
    },
    sending: { sending: 'sending…', sent: 'the centre has it', failed: 'not sent.' },
    things: { position: 'Position', text: 'Words', file: 'File' },
    lead: 'The centre needs to know where you are and what you see. Be safe first, then send.',
    locate: '1. Send my position',
    positionRefused: 'The phone does not tell its position. Turn it on and allow this page.',
    located: (m) => `The centre has your position, within about ${Math.round(m)} m.`,
    photo: '2. Send a photo or film (up to 20 MB)',
    live: 'Send live pictures',
    text: '3. Write more: which floor, who is trapped',
    send: 'Send the words',
    tooLarge: 'The file is over 20 MB: film a shorter piece.',
    hint: 'Only the centre sees it. The link is for one phone, for 30 minutes.',
    desk: {
      title: (number) => `What the caller of ${number} shows`,
      make: 'Make a link for the caller',
      text: 'Text the caller a link',
      texts: {
        waiting: 'The caller is being texted…',
        delivered: 'The caller was texted',
        dead: 'The caller could not be texted',
        discarded: 'The text need not be sent any more',
      },
      trying: 'Not texted yet, it is tried again',
      again: 'A new link',
      end: 'Revoke',
      until: (time) => `in force until ${time}`,
      over: 'its time has ended',
      opened: (time) => `opened at ${time}`,
      notOpened: 'not opened yet',
      qr: 'Code of the link',
      sms: (url) => `Command centre: open this link to send your position and photos: ${url}`,
      smsLink: 'Text it to the number that called',
      position: (lat, lon, m) =>
        `Position ${lat.toFixed(5)}, ${lon.toFixed(5)}, within ${Math.round(m)} m`,
      photo: (number) => `Picture of the caller of ${number}`,
      removed: "(the caller's data were removed)",
    },
  },
};
