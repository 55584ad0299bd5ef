/** Words of devices that send signals, in English. */

import type { devices as vi } from '../vi/devices';

const kinds: Readonly<Record<string, string>> = {
  panel: 'Fire panel',
  button: 'Call point',
  detector: 'Detector',
  sensor: 'Sensor',
  other: 'Other',
};

export const devices: typeof vi = {
  devices: {
    how: 'Fire panels, call points, detectors and sensors that send signals to the centre. Devices of the configuration are changed there alone. A fire opens the cameras bound to the device at once, then the nearest ones, and lets them look harder for 10 minutes.',
    kinds,
    search: 'Find a device',
    none: 'There is no device.',
    id: 'Id',
    name: 'Name',
    kind: 'Kind',
    facility: 'Facility (type its name or address)',
    account: 'Account on the alarm line (SIA)',
    cameras: 'Cameras bound to it (ids, commas between)',
    heartbeat: 'Silent for over (seconds) is a trouble',
    lat: 'Latitude',
    lon: 'Longitude',
    place: 'Place',
    heard: 'Last heard',
    never: 'not heard',
    ago: (span: string) => `${span} ago`,
    inTest: (until: string, name: string, reason: string) =>
      `In test until ${until} · ${name}: ${reason}`,
    test: 'Test',
    testHours: 'Hours',
    testReason: 'Reason',
    testBegin: 'Silence for a test',
    testEnd: 'End the test',
    testHow:
      'While a device is in test its signals are written down and open no alert. What it still says when the test ends opens one at once.',
    add: 'Add a device',
    save: 'Save',
    cancel: 'Cancel',
    remove: 'Remove',
    removeAsked: (name: string) => `Remove “${name}”? Its signals will be refused.`,
  },
};
