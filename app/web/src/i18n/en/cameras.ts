/** Words of the cameras' screen, in English. */

import type { cameras as vi } from '../vi/cameras';
import { plural } from './plural';

function lasted(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return ms === 0 ? '0 min' : 'under 1 min';
  const hours = Math.floor(minutes / 60);
  return [hours ? `${hours} h` : '', minutes % 60 ? `${minutes % 60} min` : '']
    .filter(Boolean)
    .join(' ');
}

function alertsOfDay(count: number, isCut: boolean): string {
  return isCut ? `more than ${count} alerts` : plural(count, 'alert');
}

export const cameras: typeof vi = {
  cameras: {
    tree: 'Cameras by agency and area',
    search: 'Find camera, area, agency',
    blindOnly: (count) => `Blind ones only (${count})`,
    grid: 'Live grid',
    pages: 'Pages of the grid',
    unowned: 'No agency, no area',
    noMatch: 'No camera matches.',
    choose: 'Choose a camera to see it live, its health and its alerts.',
    day: {
      title: 'Last 24 hours',
      newest: 'Newest alerts',
      none: 'This camera has raised no alert.',
      failed: 'The last 24 hours were not loaded.',
      unrecorded: 'Not recorded',
      blind: (ms, outages) => (outages === 0 ? 'Never blind' : `Blind ${outages} ×, ${lasted(ms)}`),
      shelved: (ms) => (ms === 0 ? 'Nothing shelved' : `Shelved for ${lasted(ms)}`),
      alerts: alertsOfDay,
      told: (ms, outages, count, isCut) =>
        `Last 24 hours: blind ${outages} times, ${lasted(ms)}; ${alertsOfDay(count, isCut)}`,
    },
    picture: 'The camera’s picture',
    last: 'Picture and zones',
    health: 'Health',
    state: 'State',
    reason: 'Reason',
    since: 'Since',
    lastPicture: 'Last picture analysed',
    fps: 'Pictures a second',
    codec: 'Codec',
    lookInterval: 'Look interval',
    decoding: 'Decoding',
    decodings: { idle: 'asleep', awake: 'awake', always: 'every picture' },
    decodingReason: (reason) => reason,
    objects: 'The camera’s own objects',
    objectsOn: 'read',
    objectsOff: 'not read',
    events: 'The camera’s signals',
    eventsOn: 'listened to',
    eventsOff: 'not heard',
    crossings: 'Line crossings',
    crossingsOf: (rule, entered, left) => `${rule}: in ${entered}, out ${left}`,
    endsAt: 'Ends at',
    worker: 'Worker',
    agency: 'Agency',
    area: 'Area',
    id: 'Camera id',
    coordinates: 'Coordinates',
    bearing: 'Bearing',
    detail: 'Detail for engineers',
  },
  nuisance: {
    title: (days) => `Places that cry wolf, last ${days} days`,
    counts: (rejections, sightings) => `rejected ${rejections}×, seen ${sightings}×`,
    mask: 'Suggested mask',
    how: 'A mask makes the watch blind there. A technician looks closely, then puts it into the camera’s configuration.',
    noMask: {
      confirmed_there: 'It burned here for real: no mask.',
      zone_rule: 'A zone’s rule: change the zone instead.',
      too_large: 'Too large for a mask: look at the camera’s place or its rule.',
    },
  },
  habits: {
    title: 'Usual here',
    kind: 'Kind of sign',
    hour: 'Hour of day',
    hourOf: (hour) => `${hour}:00–${hour + 1}:00`,
    map: 'Where signs are usual and nothing burns: the darker the more usual',
    learned: (since, hours) => `Learning since ${since}, ${hours} h watched.`,
    young: 'The map is young: less than a day.',
    nothing: 'Nothing learned yet.',
    failed: 'The map cannot be read.',
    cleared: (time, name) => `Last cleared at ${time}${name ? ` by ${name}` : ''}.`,
    clear: 'Forget what was learned…',
    sure: 'It learns again from the start, as after the camera was turned. Forget?',
    yes: 'Forget',
    no: 'Keep',
  },
  shapes: {
    save: 'Save to the camera',
    notLoaded: 'Zones and lines drawn before did not load yet; trying again.',
    tool: 'What to draw',
    tools: { zone: 'Zone', line: 'Line', mask: 'Mask', privacy: 'Privacy mask' },
    flip: 'Swap the inside',
    clear: 'Clear',
    renew: 'New picture',
    stage: (camera) => `Drawing board on the picture of ${camera}`,
    keys: 'Mouse: press to set a point, drag to move it. Keys on the picture: arrows (Shift is faster), Enter sets a point, PageUp/PageDown take one, Delete removes it.',
    name: 'Name',
    problems: {
      too_few: 'Press on the picture to set points: a zone needs 3, a line 2.',
      no_area: 'The points lie on one line; a zone needs an area.',
      crosses_itself: 'The outline crosses itself; move its points.',
      same_point: 'Both points are the same; a line needs two.',
      no_name: 'Give it a name, e.g. “Back gate”.',
      id_taken: 'This camera has that name already.',
    },
    text: 'Configuration text',
    copy: 'Copy',
    copied: 'Copied',
    put: 'Paste it right below this camera in the configuration; it is reloaded by itself.',
    putMask: 'Put it into this camera’s [[cameras]] table; join it to a list of that name.',
  },
  probe: {
    title: 'Try a source',
    thisCamera: 'Try this camera',
    address: 'Or an address in the cameras’ networks',
    tryIt: 'Try',
    trying: 'Opening the source, reading some seconds…',
    good: 'The source can be used',
    bad: (why) => (why ? `Cannot be used: ${why}` : 'Cannot be used'),
    codec: 'Codec',
    size: 'Size',
    fps: 'Pictures a second',
    keyframes: 'Keyframe every',
    bFrames: 'B-frames',
    yesNo: (yes) => (yes ? 'yes' : 'no'),
    bitrate: 'Bitrate',
    opened: 'Opened in',
    firstPicture: 'First picture after',
  },
};
