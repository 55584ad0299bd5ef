/** Words of drills and of legal hold, in English. */

import type { Drill } from '../../drills/drill';

const outcomes: Record<Drill['outcome'], string> = {
  running: 'Running',
  right: 'Right',
  wrong: 'Wrong',
  missed: 'No verdict',
  failed: 'Came to nothing',
};

export const drills = {
  drills: {
    open: 'Drill…',
    title: 'Drills',
    explained:
      'A film is played as an alert at the chosen camera and says DRILL everywhere. A real P1 ends the drill at once.',
    scenario: 'Scenario',
    camera: 'Camera',
    start: 'Start',
    startAnyway: 'Start all the same',
    urgentWait: (count: number) =>
      `${count} real P1 incidents wait for an answer. A drill now takes officers from them.`,
    end: 'End',
    results: 'How drills were answered',
    running: (scenario: string, camera: string) => `${scenario} · ${camera}`,
    preparing: 'the film is being prepared, the first time for half a minute',
    until: (time: string) => `ends at ${time}`,
    shouldBe: (real: boolean): string =>
      real ? 'Right answer: confirm.' : 'Right answer: reject.',
    startedAt: 'At',
    taken: 'Acknowledged',
    judged: 'Verdict',
    outcome: 'Result',
    after: (name: string, seconds: number) => `${name}, after ${seconds} s`,
    realAlert: 'A real P1 alert came',
    outcomes,
  },
  holds: {
    title: 'Legal hold',
    held: (name: string, day: string) => `Held by ${name} since ${day}`,
    none: 'The evidence goes when its time is over.',
    place: 'Hold',
    release: 'End the hold',
    reason: 'Reason (required)',
  },
};
