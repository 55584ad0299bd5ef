/** Words of the phone as a camera, in English. */

import type { Catalogue } from '../vi';

export const phone: Pick<Catalogue, 'phone'> = {
  phone: {
    title: 'Phone as a camera',
    states: {
      ready: 'Not sending',
      asking: 'Asking for the lens…',
      connecting: 'Connecting to the centre…',
      sending: 'The centre receives the picture',
      broken: 'CONNECTION LOST — trying again',
      refused: 'The lens cannot be used',
      insecure: 'This page has no https',
      used: 'Another phone uses this link',
      over: 'The link has ended',
    },
    explained: {
      ready:
        'Point the lens at the scene and press the button below. The picture goes straight to the centre.',
      asking: 'Press “Allow” when the phone asks.',
      refused:
        'Allow this page to use the lens in the browser’s settings and press again. Close other apps that use it.',
      insecure: 'Phones give the lens to https pages only. Tell the centre’s technician.',
      used: 'A link serves one phone. Ask the centre for another.',
      over: 'Ask the centre for another link if pictures are still needed.',
    },
    begin: 'Begin to send',
    stop: 'Stop sending',
    turn: 'Other lens',
    own: 'The picture of this lens',
    hint: 'Keep the screen on and this page open. Only the picture is sent, no sound.',
    link: {
      open: 'Phone as a camera',
      title: 'Phone as a camera',
      name: 'Name on the screens',
      namePlaceholder: 'e.g. Phone of team 3',
      minutes: 'For',
      minutesOf: (count) => (count < 60 ? `${count} min` : `${count / 60} h`),
      area: 'Area',
      noArea: 'None',
      make: 'Make the link',
      scan: 'Scan this with the phone. It is shown once and serves one phone.',
      noQr: 'Open this link on the phone. It is shown once and serves one phone.',
      qr: 'QR code of the link',
      address: 'Link',
      failed: (why) => `Not made: ${why}`,
      inForce: 'In force',
      none: 'No phone yet.',
      sending: 'sending',
      waiting: 'not sending',
      until: (time) => `until ${time}`,
      end: 'End',
      another: 'Make another',
    },
  },
};
