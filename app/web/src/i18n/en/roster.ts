/** Words of the roster, in English. */

import type { roster as Vietnamese } from '../vi/roster';

export const roster: typeof Vietnamese = {
  how: 'Who is on duty when. The desk’s shift is taken from it: somebody else may still take it, is told so, and the log says it. “On call” is who is told by targets that follow this roster.',
  duties: { desk: 'Desk', on_call: 'On call' },
  views: { week: 'Week', month: 'Month' },
  before: 'Earlier',
  after: 'Later',
  today: 'Today',
  day: 'Day',
  nobody: 'nobody yet',
  problems: 'What is wrong with the roster',
  problem: (fault, duty, from, to, name) =>
    fault === 'gap'
      ? `Nobody: ${duty}, from ${from} to ${to}.`
      : `${name} has two duties at once, from ${from} to ${to}.`,
  swap: 'Exchange',
  swapWith: (one, other) => `Exchange ${one} and ${other}`,
  swapReason: (name) => `Why ${name}’s duty is exchanged; then choose the other’s`,
  swapped: (name) => `exchanged with ${name}`,
  remove: 'Remove',
  removeAsked: (name) => `Remove the duty of ${name}?`,
  add: 'Add a duty of 24 hours',
  person: 'Officer',
  duty: 'Duty',
  begins: 'From',
  addNow: 'Add',
  file: 'Import from CSV or Excel',
  fileHow:
    'Columns: date, username (account or full name), duty (desk, on_call), begins, hours. It is tried first; where a line is wrong, none is imported.',
  fileNow: 'Import',
  filePlan: (count) => `${count} duties were read.`,
  fileDone: (count) => `${count} duties were added.`,
  line: (line) => `Line ${line}:`,
};
