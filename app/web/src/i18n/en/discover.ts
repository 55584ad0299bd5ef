/** Words of the search for cameras, in English. */

const number = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });

export const discover = {
  discover: {
    title: 'Find cameras',
    nowhere:
      'No network may be searched yet. An administrator sets [networks] onvif = ["10.1.0.0/24"] in the configuration.',
    network: 'Network to search',
    everyNetwork: 'Every allowed network',
    look: 'Search',
    looking: 'Searching, some seconds…',
    found: (count: number) => `${count} cameras answered.`,
    fresh: 'not registered',
    known: (name: string) => `registered: ${name}`,
    moved: (name: string) => `address changed: ${name}`,
    ofOthers: 'a camera of another agency',
    choose: 'Choose',
    follow: 'Take the new address',
    asked: (address: string) => `Ask the camera ${address}`,
    user: "The camera's user",
    password: "The camera's password",
    pinHint: 'empty: ask, then choose',
    met: "The camera shows a certificate with this fingerprint (SHA-256). Compare it with the one on the camera's own pages; believe it only if they are the same.",
    believe: 'Believe this certificate',
    ask: 'Ask the camera',
    asking: 'Asking…',
    fps: (value: number) => `${number.format(value)} fps`,
    keyframe: (seconds: number) => `a keyframe every ${number.format(seconds)} s`,
    clock: (seconds: number) =>
      `The camera's clock is ${number.format(Math.abs(seconds))} s ${seconds > 0 ? 'fast' : 'slow'}. Set its time (NTP).`,
    noStream: 'The camera offers no RTSP stream. Check what its user may do.',
    slow: (seconds: number) =>
      `The analysed stream has a keyframe only every ${number.format(seconds)} s: detection will be late.`,
    shorten: 'Set a keyframe every second',
    fill: 'Fill the form',
  },
};
