/** Words of messages of citizens, in English. */

import type { messages as Vietnamese } from '../vi/messages';

export const messages: typeof Vietnamese = {
  messages: {
    title: (count) => `Messages of citizens (${count})`,
    keys: 'On a button of a message: 1…0 makes a call of that kind, G joins the nearest incident, B sets aside, X is a hoax.',
    failed: 'Messages of citizens could not be loaded; trying again.',
    noText: '(no words)',
    picture: (channel) => `Picture sent by ${channel}`,
    marked: 'the sender hoaxed before',
    sameSender: (count) => `${count} more of this sender`,
    misplaced: 'the position sent with it cannot be',
    alike: (count) => `${count} more may tell of the same`,
    notShown: (count) => `and ${count} more`,
    together: (count) => `answer all ${count} at once`,
    take: 'Make it a call',
    taken: (number, answered) => `${number} was written down of ${answered} messages`,
    join: (number, m) => `Join ${number} (${Math.round(m)} m)`,
    setAside: 'Set aside',
    hoax: 'Hoax',
  },
};
