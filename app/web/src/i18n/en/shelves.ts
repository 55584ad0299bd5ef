/** Words of laying aside (shelving), in English. */

import type { Catalogue } from '../vi';
import { plural } from './plural';

export const shelves: Pick<Catalogue, 'shelves'> = {
  shelves: {
    title: 'Shelved now',
    none: 'Nothing is shelved.',
    menu: 'Shelve alerts',
    act: 'Shelve…',
    reason: 'Reason (required)',
    example: 'e.g. grill restaurant open until 22:00',
    reach: 'What',
    reaches: {
      rule: 'Only this rule at this camera',
      zone: 'This zone of the camera',
      camera: 'The whole camera',
    },
    length: 'For',
    lengthOf: (minutes) =>
      minutes < 60 ? `${minutes} min` : minutes > 1400 ? '24 h' : `${minutes / 60} h`,
    coversP1: 'Urgent alerts too (shift leader)',
    p1Stays: 'Urgent alerts still come: only lesser ones are shelved.',
    sendAnyway: 'Shelve urgent ones all the same',
    send: 'Shelve',
    set: (name, time) => `${name} is shelved until ${time}.`,
    ofRule: (rule) => `rule “${rule}”`,
    ofZone: (zone) => `zone ${zone}`,
    ofCamera: 'the whole camera',
    p1: 'urgent ones too',
    by: (name, time) => `${name} at ${time}`,
    until: (time) => `until ${time}`,
    ended: (time, by) => `ended ${time} (${by})`,
    byTime: 'its time was over',
    alerts: (count) => `${plural(count, 'alert')} on it`,
    end: 'Unshelve',
    endedTitle: (count) => `Ended (${count})`,
    count: (count) => `Shelved ${count}`,
    row: (time) => `Shelved until ${time}`,
    fact: (time, why) => `Shelved until ${time}${why ? `: ${why}` : ''}`,
  },
};
