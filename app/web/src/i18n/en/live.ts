/** Words of live view, in English. */

import type { Catalogue } from '../vi';

export const live: Pick<Catalogue, 'live' | 'ptz'> = {
  live: {
    label: (camera: string) => `Live view, ${camera}`,
    connecting: 'Connecting…',
    live: 'Live',
    pictures: 'Live as single pictures — WebRTC does not work here',
    notLive: (at: string) => `Not live — picture of ${at}`,
    box: (label: string, confidence: string, agoS: number) =>
      `${label} ${confidence}${agoS >= 1 ? ` · ${agoS} s ago` : ''}`.trim(),
    noPicture: 'Not live — no picture yet',
  },
  ptz: {
    title: 'Turn the camera',
    free: 'Nobody turns it',
    mine: 'You are turning it',
    held: (name: string | null) => (name === null ? 'Somebody turns it' : `Turned by ${name}`),
    take: 'Take control',
    takeOver: 'Take over',
    release: 'Give back',
    away: 'The camera looks elsewhere.',
    atPreset: (name: string) => `The camera looks at “${name}”.`,
    drawn: 'Watch areas are drawn for the home view: alerts by area may now be wrong or missing.',
    homeIn: (seconds: number) =>
      `It goes home by itself in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`,
    runaway:
      'THE CAMERA DOES NOT STOP. It is told to again and again; have it switched off and on.',
    problem: (reason: string) =>
      ({
        unauthorized: 'The camera refuses the login. Have a technician correct it.',
        unreachable: 'No connection to the camera.',
        unanswered: 'The camera answers too slowly. The last command may not be done.',
        not_onvif: 'The camera does not answer as ONVIF does. Have its ONVIF address checked.',
        turning: 'The camera still turns; it is told to stop.',
      })[reason] ?? 'The camera refuses this command.',
    directions: 'Directions',
    ways: {
      up: 'Turn up',
      down: 'Turn down',
      left: 'Turn left',
      right: 'Turn right',
      upLeft: 'Turn up left',
      upRight: 'Turn up right',
      downLeft: 'Turn down left',
      downRight: 'Turn down right',
      stop: 'Stop',
    },
    zoom: 'Zoom',
    closer: 'Closer',
    wider: 'Wider',
    speed: 'Speed',
    speeds: { slow: 'Slow', middle: 'Middle', fast: 'Fast' },
    home: 'Home view',
    presets: 'Presets',
    asking: 'Asking the camera for its presets…',
    noPresets: 'The camera has no presets.',
    lookThere: 'Have a neighbouring camera look here',
    callOne: (name: string) => `Turn ${name}`,
    called: 'It was told to turn.',
    silent: 'The server does not answer. Press again.',
    keys: 'Keys: ← ↑ → ↓ turn, + and − zoom, letting go stops.',
  },
};
