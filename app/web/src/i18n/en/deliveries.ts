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
  own: 'Targets of this site',
  ofFiles: 'Targets stand in the configuration files ([[targets]]) and are changed there.',
  kind: 'Kind of target',
  id: 'Id (letters, digits, dashes)',
  add: 'Add target',
  keep: 'Keep changes',
  added: 'Added. It is told of what happens from now on.',
  kept: 'Changes are kept.',
  change: 'Change',
  changeOne: (id: string) => `Change target ${id}`,
  remove: 'Remove target',
  removeAsked: 'It will be told of nothing more.',
  removed: 'Removed.',
  dead: 'Dead letters',
  deadLead:
    'Refused, or not taken for three days. Retry once the cause is mended; discard what is no longer needed.',
  noDead: 'None.',
  newest: (shown, all) =>
    all === null ? `The newest ${shown} are shown.` : `The newest ${shown} of ${all} are shown.`,
  showMore: 'Show more',
  dropped: 'Dropped',
  droppedLead:
    'Dropped by an administrator, or not worth sending (see why). Kept for 30 days; send again what was dropped by mistake.',
  noDropped: 'Nothing was dropped.',
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
