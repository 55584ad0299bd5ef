/** Words of the search over what was recorded, in English. */

import type { Colour, Side } from '../../sightings/query';
import type { search as vi } from '../vi/search';
import { labelsEn } from './machine';

const things: Readonly<Record<string, string>> = {
  person: 'Person',
  bicycle: 'Bicycle',
  motorcycle: 'Motorcycle',
  car: 'Car',
  bus: 'Bus',
  truck: 'Truck',
};

const colours: Record<Colour, string> = {
  white: 'white',
  black: 'black',
  grey: 'grey, silver',
  red: 'red',
  blue: 'blue',
  green: 'green',
  yellow: 'yellow',
  brown: 'brown, other',
};

const directions: Record<Side, string> = { inside: 'going in', outside: 'going out' };

export const search: typeof vi = {
  search: {
    thing: (label: string): string => things[label] ?? labelsEn(label),
    colours,
    directions,
    coloured: (thing, colour) => `${thing}, ${colour}`,
    from: 'From',
    to: 'To',
    lastHour: 'Last hour',
    today: 'Today',
    what: 'What',
    colour: 'Colour (cars)',
    area: 'Area',
    addCamera: 'Add a camera',
    without: (name) => `Without ${name}`,
    line: 'Over the line',
    direction: 'Direction',
    box: 'Draw a box on the picture',
    boxSet: 'Box drawn: change',
    noBox: 'Without the box',
    drawBox: 'Drag on the picture; only who or what came into the box is found. Or in percent:',
    pictureOf: 'The camera’s last picture',
    loadingPicture: 'Getting the picture…',
    sides: { left: 'Left %', top: 'Top %', right: 'Right %', bottom: 'Bottom %' },
    axis: 'How many were seen over time',
    part: (from, to, count) => `${from} – ${to}: ${count} seen`,
    lookedAt: (percent) => `looked at ${percent}% of the time`,
    intoPart: 'Press a column to see that part alone.',
    legend: { seen: 'seen', notLooked: 'not looked at most of the time' },
    found: (count) => (count === 0 ? 'Nothing was seen.' : `${count} seen`),
    searching: 'Searching…',
    more: 'More',
    noFilm: 'No film of this moment',
    crossed: (line, to) => `Over ${line}: ${directions[to]}`,
    noCameras: 'No camera of this choice is recorded.',
    notLookedAt: 'Not looked at all the time; who and what came then is missing here:',
    shareOf: (name, percent) => `${name} ${percent}%`,
    incomplete: 'Incomplete, more came than is recorded:',
    droppedOf: (name, count, when) => `${name} lacks ${count} (${when})`,
    andMore: (count) => `and ${count} more`,
    silent: {
      lost: (worker) => `Worker ${worker} does not answer; the newest are missing:`,
      elsewhere: (worker) =>
        `What worker ${worker} saw is on another machine and cannot be searched from here:`,
      failing: (worker) => `Worker ${worker} cannot write to its disk; the newest are missing:`,
    },
    workersUnknown:
      'The workers could not be asked, so nobody can say whether something is missing.',
    keptFrom: (name, at) => `${name}: kept from ${at} on`,
    idle: (percent) =>
      `${percent}% of the time the picture stood still and was looked at every few seconds only.`,
    about:
      'By class, place and time; never by face, number plate or a description of a person. The colour ' +
      'is a guess that is wrong about once in four. Each search stands in the viewing log.',
  },
};
