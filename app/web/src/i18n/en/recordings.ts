/** Words of playback, in English. */

import type { Catalogue } from '../vi';

export const recordings: Pick<Catalogue, 'recordings'> = {
  recordings: {
    title: 'Playback',
    reasons: {
      camera_offline: 'the camera was offline',
      codec_unsupported: 'the camera’s codec cannot be recorded (H.264 or H.265 is needed)',
      disk_full: 'the recording disk was full',
      write_failed: 'the disk refused',
      overloaded: 'the disk was too slow',
      disk_stalled: 'the disk hung',
      worker_stopped: 'the worker was stopped',
      worker_lost: 'the worker was killed',
      recording_off: 'recording was switched off',
      not_recorded: 'this camera was not recorded',
      expired: 'no longer kept',
      being_written: 'being written, not yet to be played',
      unknown: 'reason unknown',
    },
    missing: 'No picture',
    blind: (from, to) => `Not watched: ${from} – ${to}`,
    marksFailed: 'Alerts and blind times of this stretch were not loaded; asking again.',
    legend: { film: 'recorded', missing: 'no recording', blind: 'not watched' },
    filmOf: (name) => `Recording of ${name}`,
    stills:
      'This browser does not play H.265: single pictures, one a second. Use Edge or Chrome with an H.265 decoder for the film.',
    loading: 'Loading the recording…',
    empty: 'Nothing was recorded in this stretch.',
    failed: 'This recording could not be played.',
    axis: 'Time axis',
    back: '−10 s',
    on: '+10 s',
    play: 'Play',
    pause: 'Pause',
    speed: 'Speed',
    hourBefore: '‹ 1 hour earlier',
    hourAfter: '1 hour later ›',
    goTo: 'Go to',
    around: 'Cameras nearby at that moment',
    open: 'Play four cameras together',
    close: 'Close',
    takeAway: 'Export this stretch',
    howLong: 'Length',
    minutesAround: (count) => `${count} min around this moment`,
    purpose: 'Purpose (stands in the log)',
    exporting: 'Sealing…',
    exported: (name) =>
      `${name} was saved: the film as it came and a sealed list. The export stands in the log.`,
  },
};
