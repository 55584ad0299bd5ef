/** Words of the desk's list of alerts, in English. */

import type { list as vi } from '../vi/list';
import { plural } from './plural';

export const list: typeof vi = {
  list: {
    label: 'Alerts',
    filters: {
      open: 'Open',
      cosign: 'To co-sign',
      still_seen: 'Closed, still seen',
      unanswered: 'Unanswered',
      working: 'In work',
      review: 'To look at',
      closed: 'Closed',
      shelved: 'Shelved',
    },
    filterLabel: 'Filter the list',
    search: 'Find place, camera, number',
    held: (count) => `${plural(count, 'new alert')} waiting`,
    heldUrgent: (count) => `${count} urgent`,
    returned: (count) => `${plural(count, 'alert')} back without an owner`,
    left: (count) => `${plural(count, 'row')} done`,
    marks: { returned: 'came back', grown: 'growing' },
    sure: { call: 'a caller tells of it', device: 'a device tells of it' },
    deviceTells: (told, at) => `told of it at ${at} (${told}); one answer is for both`,
    fresh: 'new',
    unclaimed: 'Nobody yet',
    mine: 'Me',
    cosign: 'Awaits co-sign',
    hiddenUrgent: (count) => `${plural(count, 'urgent alert')} outside the filter`,
    showAll: 'Show all',
    noMatch: 'No alert matches.',
    loading: 'Loading alerts…',
    loadFailed: 'The list of alerts could not be loaded.',
    noPicture: 'No picture',
    pictureComes: 'Picture comes',
    noPlace: 'No place given',
    newAlert: (what, where) => `New alert: ${what}, ${where}`,
    spokenAgain: (what, where) => `Speaks again: ${what}, ${where}`,
    cleared: 'no longer seen',
  },
  empty: {
    blindFirst: (blind) => `${plural(blind, 'camera')} blind`,
    blindExplained: 'No alert does NOT mean quiet: these cameras see nothing.',
    noCamera: 'No camera yet',
    noCameraExplained: 'The centre has no picture from any camera; this desk watches nothing.',
    unknown: 'Not known which cameras see',
    unknownExplained: 'Nothing heard from the centre yet.',
    calm: 'No alert',
    seeing: (online, total, time) => `${online}/${total} cameras see, checked at ${time}`,
    proven: (time) => `Whole path last proven at ${time}`,
    notProven: 'The whole path was never proven yet',
    calmElsewhere: (online, total) =>
      `No alert from the ${online}/${total} cameras that still see.`,
    doubts: (count) => `No alert. ${plural(count, 'doubtful sign')} to look at.`,
    nothingHere: 'No alert in this list.',
    othersOpen: (count) => `Nothing in this list. ${plural(count, 'alert')} open in others.`,
  },
  flood: {
    hint: 'Press to filter',
    title: (count) => `Flood: ${count} alerts in 10 minutes`,
    explained: 'Nothing is dropped. Press a group to filter.',
    group: (area, kind, count) => `${area ? `${area} · ` : ''}${kind} ×${count}`,
    meter: 'Alerts in 10 minutes',
    groups: 'Groups of alerts',
    beside: (cameras) => `Cameras near by see it too: ${cameras}. Perhaps one incident.`,
    pickBeside: 'Pick all',
  },
  bulk: {
    label: 'Progress',
    picked: (count, cameras) => `${plural(count, 'alert')} of ${plural(cameras, 'camera')} picked`,
    explained: 'Keys act on all of them.',
    drop: 'Drop',
    progress: (done, total) => `Sending ${done}/${total}`,
    failed: (count) => `Not done to ${plural(count, 'alert')}:`,
    nothing: (action) => `${action}: concerns none of the picked alerts.`,
    done: (action, done, skipped) =>
      skipped > 0
        ? `${action}: ${plural(done, 'alert')} done, ${skipped} not.`
        : `${action}: ${plural(done, 'alert')} done.`,
  },
};
