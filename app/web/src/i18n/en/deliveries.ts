/** Words of what is sent outside, in English. */

import type { deliveries as vietnamese } from '../vi/deliveries';

export const deliveries: typeof vietnamese = {
  lead: 'Who outside is told. What cannot be sent at once is sent again, nothing is lost. In an emergency telephone, do not wait for the machine.',
  target: 'Target',
  condition: 'Condition',
  waiting: 'Waiting',
  delivered: 'Last taken',
  tested: 'Test message',
  test: 'Send a test',
  none: 'No target is configured. A technician adds [[targets]] to the configuration.',
  gone: 'no longer configured',
  dead: 'Dead letters',
  deadLead:
    'Refused, or not taken for three days. Retry once the cause is mended; discard what is no longer needed.',
  noDead: 'None.',
  at: 'At',
  about: 'About',
  why: 'Why',
  retry: 'Retry',
  discard: 'Discard',
  discardAsked: 'The target will not know of this.',
  conditions: {
    well: 'Takes everything',
    late: 'Does not take what is due',
    refused: 'Refused messages',
    untold: 'Never told yet',
    gone: 'No longer configured',
  },
  states: { waiting: 'waiting', delivered: 'taken', dead: 'dead letter', discarded: 'discarded' },
  saying: (sentence: string) => sentence,
};
