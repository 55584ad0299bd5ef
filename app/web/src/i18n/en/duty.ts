/** Words of shifts and hand-overs, in English. */

import type { duty as Vietnamese } from '../vi/duty';
import { clockTime } from '../../time/format';
import { plural } from './plural';

export const duty: typeof Vietnamese = {
  duty: {
    open: 'Hand over…',
    title: 'Hand-over',
    leaving: 'The shift is not handed over. Press again to log out',
    onDuty: 'On duty',
    since: (name, time) => `${name}, since ${time}`,
    nobody: 'Nobody has taken the shift',
    notMine: 'You have not taken the shift. Take it at the desk first.',
    items: (count) => `What is open (${count})`,
    noItems: 'Nothing is open.',
    itemsMore: (count) => `and ${count} more`,
    states: {
      new: 'not taken',
      verifying: 'being verified',
      confirmed: 'confirmed',
      dispatched: 'units sent',
      closed: 'closed',
      rejected: 'false',
    },
    requests: (count) => `${plural(count, 'crew request')} without an answer`,
    cameras: (down, total) => `Cameras without a picture (${down}/${total})`,
    noCameras: 'Every camera has a picture.',
    overdue: 'over 26 h, perhaps forgotten',
    endShift: 'End the shift',
    endReason: 'Why this shift ends',
    shelves: 'Shelves in force',
    noShelving: 'The system has no shelving yet.',
    noShelves: 'None.',
    blocked: (count) => `Cannot be signed: ${count} P1 without an answer`,
    to: 'Hand to',
    anybody: 'Whoever takes the next shift',
    note: 'Notes for the next shift',
    sign: (name) => `Sign the hand-over · ${name}`,
    signing: 'Signing…',
    offered: (time) => `Signed at ${time}; waits for the next to sign.`,
    offeredTo: (name, time) => `Signed at ${time}; waits for ${name} to sign.`,
    withdraw: 'Take back',
    incoming: (name, time) => `${name} hands over the shift, signed at ${time}`,
    view: 'Look and accept',
    accept: (name) => `Accept the shift · ${name}`,
    accepted: 'The shift is accepted; the other is relieved.',
    noteFrom: 'Notes',
    logHead: (seq, hash) => `Action log when signed: entry ${seq} · ${hash}`,
    failed: 'The centre did not answer; nothing is signed.',
    loading: 'Writing the sheet…',
    relieved: (name, at) =>
      name === null
        ? `Your shift ended at ${clockTime(at)}. This desk only looks on.`
        : `Handed over to ${name} at ${clockTime(at)}, with every alert in hand. This desk only looks on.`,
    owner: (name) => `held by ${name}`,
  },
};
