/** Words of a rule's trial on the last hour, in English. */

import type { Catalogue } from '../vi';
import { plural } from './plural';

export const ruleTrial: Pick<Catalogue, 'ruleTrial'> = {
  ruleTrial: {
    title: 'Trial',
    begin: 'Try this rule on the last hour',
    cancel: 'Cancel',
    harmless: 'Only what was recorded is watched; no alert is raised.',
    found: (count: number) =>
      count === 0
        ? 'This rule would have raised nothing.'
        : `This rule would have raised ${plural(count, 'alert')}.`,
    soFar: (count: number) => `So far: ${count}.`,
    states: {
      running: 'watching the film…',
      done: 'the film was watched to its end',
      limited: 'the time for it was over',
      cancelled: 'cancelled',
      failed: 'the trial ended early, the server’s log says why',
    },
    recorded: (seconds: number) =>
      seconds < 120
        ? `only ${plural(seconds, 'second')} of 60 minutes were recorded`
        : `${Math.floor(seconds / 60)} of 60 minutes were recorded`,
    seenTo: (time: string) => `seen until ${time}`,
    seenNothing: 'nothing was seen yet',
    unreadable: (count: number) => `${plural(count, 'broken segment')} passed over`,
    picture: 'What the rule would have shown',
  },
};
