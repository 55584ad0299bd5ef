/** Words of an alert on the desk, in English. */

import { isFireKind, isSystemKind } from '../../alert/alert-kinds.svelte';
import type { desk as vi } from '../vi/desk';
import { plural } from './plural';

const fireLooks = [
  'Watch the film before and after detection',
  'Establish the address and the way in for engines',
];

const placeLooks = [
  'Watch the film: person or thing, which way',
  'Check hours and the list of permitted people',
];

/** What is still seen, as the question before closing names it. */
function stillSeen(kind: string): string {
  const named: Readonly<Record<string, string>> = { fire: 'Flames', smoke: 'Smoke', arc: 'Arc' };
  return named[kind] ?? 'It is';
}

const blindLooks = [
  'See which camera is blind, since when, and why',
  'Arrange other eyes: a camera near by, a person on the spot',
];
const machineLooks = [
  'See under Cameras which are not analysed now',
  'Have somebody watch their live pictures until the machine runs again',
];
const evidenceLooks = ['Alerts still come: look at live pictures instead of the missing films'];
const centreLooks = [
  'Read the reason in the alert, so that the technician is told the right thing',
];

/** What to look at first when the system itself is in trouble. */
function systemLooks(kind: string): readonly string[] {
  if (kind.startsWith('camera_')) return blindLooks;
  if (['worker_lost', 'detector_stalled', 'self_test_missed'].includes(kind)) return machineLooks;
  return ['evidence_lag', 'disk_low'].includes(kind) ? evidenceLooks : centreLooks;
}

export const desk: typeof vi = {
  alert: {
    waiting: 'Waiting for an answer',
    answeredAfter: 'Answered after',
    leaseCosign: 'Waits for the leader',
    lease: 'Left for a verdict',
    leaseOver: 'Verdict overdue',
    camera: 'Camera',
    unchecked: 'Not checked twice',
    machineSaw: (chain) => `Machine saw: ${chain}`,
    active: 'Going on',
    cleared: (time) => `No longer seen since ${time}, still to be answered`,
    clearedAnswered: (time) => `No longer seen since ${time}`,
    ownerSince: (name, time) => `${name} took it at ${time}`,
    mineSince: (time) => `You took it at ${time}`,
    rejectedAs: (reason, name) => `Rejected: ${reason} · ${name}`,
    confirmedBy: (name) => `Confirmed · ${name}`,
    closedAt: (time) => `Closed at ${time}`,
    comesAfter: (number, time) => `After alert ${number} of ${time} at the same place`,
    cosign: (reason, name) =>
      `Waiting for the leader to co-sign the rejection: ${reason} · ${name}`,
    cosignLeader: 'Reject to co-sign, confirm if it is real.',
    returned: 'Lease over, back to unanswered',
    escalated: (time) => `Sent to the shift leader at ${time}`,
    detailFailed: 'The details could not be loaded.',
  },
  stage: {
    label: 'Evidence',
    film: 'Film',
    picture: 'Picture',
    noStill: 'No picture yet',
    beside: (name) => `Camera beside: ${name}`,
    pictureAt: (time) => `Picture of ${time}`,
    recording: 'Film is being recorded…',
    ofDevice: 'An alarm device has no picture: see the cameras beside it',
    noFilm: 'No film',
    partFilm: 'Only film before the moment',
    noPicture: 'This alert has no picture',
    pictureComes: 'Picture on its way…',
    pictureLate: 'Picture late: the evidence store does not take it',
    ofEarlier: (number) => `Picture of the earlier alert ${number}: the same event goes on`,
    filmFailed: 'The browser cannot play this film; showing the picture.',
    zoom: 'Closer',
    closeUp: 'Close-up of the box',
    strip: 'Choose the evidence',
    evidenceIncomplete: 'Evidence is not complete: see the server’s log',
    download: 'Download the film',
    pictureFailed: 'The picture could not be loaded',
    boxes: 'Detection box',
    frame: 'Frame',
    frameBack: 'One frame back',
    frameForward: 'One frame on',
    play: 'Play',
    pause: 'Pause',
    scrub: 'Position in the film',
    moment: 'Moment of detection',
    notLive: (time) => `Not live — recorded at ${time}`,
    boxText: (label, confidence, reason) =>
      [`${label} ${confidence}`.trim(), reason].filter(Boolean).join(' · '),
    snapshotAlt: (what, where) => `Snapshot: ${what}, ${where}`,
  },
  actions: {
    acknowledge: 'Acknowledge',
    confirm: 'Confirm',
    reject: 'Reject…',
    close: 'Close',
    reopen: 'Reopen…',
    note: 'Note…',
    claim: 'Take over…',
    hand_over: 'Hand over…',
    receipt: 'Read',
    label: 'Actions',
    cosign: 'Co-sign rejection',
    more: 'More',
    silence: 'Silence 60 s',
    unsilence: 'Sound on again',
    sending: 'Sending…',
    comment: 'Comment…',
    agencyMay:
      'You confirm that your agency has read its own alerts, and comment on them. The verdict is the duty officers’.',
    receiptGiven: (name, at) => `Read by ${name} at ${at}.`,
    readOnly: (role) => `Read only: the role ${role} does not act on alerts`,
    refused: {
      role: 'your role may only look',
      taken: 'somebody else has it',
      not_taken: 'acknowledge it first',
      no_verdict: 'no verdict yet',
      has_verdict: 'the verdict is given',
      leader_only: 'only a shift leader reopens',
      awaits_leader: 'waiting for the leader to co-sign',
      open: 'the alert is open',
      closed: 'the alert is closed',
      free: 'Nobody has it: press Acknowledge',
      mine: 'You hold this alert',
    },
  },
  faults: {
    missing: 'This is not filled in.',
    wrong: 'This is not of the right form.',
    short: 'This is too short.',
    range: (from: string, to: string) => `From ${from || '…'} to ${to || '…'}.`,
  },
  reject: {
    title: 'Why is it false?',
    titleMany: (count, cameras) =>
      `Why are these ${plural(count, 'alert')} of ${plural(cameras, 'camera')} false?`,
    accept: 'Enter: accept the proposed reason',
    cosign: 'Co-sign the rejection as',
    hint: 'Press the digit of the reason',
    p1: 'Urgent alert: a shift leader must co-sign.',
    note: 'Note',
    noteNeeded: 'Say what the other reason is',
    send: 'Reject',
    cancel: 'Back',
  },
  menus: {
    cancel: 'Cancel',
    close: {
      label: 'Close what is still seen',
      title: (kind) => `${stillSeen(kind)} still seen — close?`,
      many: (count) => `${plural(count, 'alert')} still seen — close?`,
      seenAt: (time) => `Last seen ${time}`,
      send: 'Close all the same',
    },
    reopen: { title: 'Why reopen?', note: 'Reason for reopening', send: 'Reopen' },
    note: { title: 'Note', note: 'What the next shift should know', send: 'Write' },
    claim: {
      title: 'Take over',
      from: (name) => `${name} holds it. Take it over?`,
      note: 'Reason (optional)',
      send: 'Take over',
    },
    handOver: {
      title: 'Hand over to whom?',
      hint: 'Press the number of who takes it',
      note: 'Message (optional)',
      nobody: 'Nobody else is on duty. Who takes it must take the shift first.',
    },
  },
  outcome: {
    conflict: (name, time) => `${name} took it at ${time}`,
    conflictVerdict: (name, state, time) => `${name} answered “${state}” at ${time}`,
    stale: 'The alert has just changed. Look again, then press again.',
    unreachable:
      'The centre does not answer: it is not known whether the command took effect. Look again.',
    forbidden: 'You may not do this.',
    failed: (detail) => `Not done: ${detail}`,
    unread: 'The proposal has just come up: read it, then press again.',
    noCameraNear: 'No camera near this device shows a picture.',
    guarded: 'The list has just moved. Press again to be sure.',
    notYet: 'The list is loading. Press again when you see the alert.',
    noReason: (number) => `no reason was chosen for ${number}`,
    notNow: (action, why) => `${action}: ${why}`,
    handedOver: (name) => `Handed over to ${name}.`,
    noted: 'Written into the log.',
    receipted: 'The duty officers see that your agency has read it.',
    cosignWanted: (name, where) => `${name} calls it false, co-sign: ${where}`,
    takenFromYou: (name, where) => `${name} took this over from you: ${where}`,
    handedToYou: (what, where) => `Handed over to you: ${what}, ${where}`,
    silenced: 'This desk is silent for 60 seconds. The alert is still unanswered.',
    unsilenced: 'Sound on again.',
  },
  haze: {
    title: 'Cameras in the haze',
    explained:
      'Smoke on these cameras stands in “To look at” and does not sound. Flame, or a plume that stands out, still sounds by itself.',
  },
  place: {
    title: 'Place',
    sketch: 'Sketch of cameras around',
    call: (number) => `Call ${number}`,
    noCoordinates: 'This camera has no coordinates',
    blindArea: 'blind',
    facing: (direction) => `facing ${direction}`,
    directions: [
      'north',
      'north-east',
      'east',
      'south-east',
      'south',
      'south-west',
      'west',
      'north-west',
    ],
    scale: (metres) => `${metres} m`,
  },
  checklist: {
    title: 'To do',
    take: (seconds) => `Acknowledge within ${seconds} seconds`,
    takenAfter: (age) => `taken after ${age}`,
    looks: (kind) => {
      if (isFireKind(kind)) return fireLooks;
      return isSystemKind(kind) ? systemLooks(kind) : placeLooks;
    },
    judge: 'Give the verdict: real or false',
    tell: (kind) => {
      if (isFireKind(kind)) return 'If real: call 114, note who took it';
      if (isSystemKind(kind))
        return kind.startsWith('camera_')
          ? 'Inform technicians and the camera’s agency, note who took it'
          : 'Inform the technician on duty, note who took it';
      return 'If real: inform the ward police';
    },
    over: (kind) =>
      kind.startsWith('camera_')
        ? 'Wait until the picture is back, and look at it'
        : 'Wait until the machine says that it is over',
    closeIt: 'Close the alert',
    agency: {
      look: 'Look at the picture, the place and what was done',
      receipt: 'Press “Read” so that the duty officers know that you know',
      comment: 'Write what you know: who is there, what is being done',
    },
  },
  stepClock: {
    title: 'Step clock',
    steps: {
      captured: 'Picture taken (worker’s clock)',
      inferred: 'Recognised (worker’s clock)',
      spooled: 'Written down (worker’s clock)',
      queued: 'Queued (queue’s clock)',
      stored: 'Stored (centre’s clock)',
      pushed: 'Sent to desks (centre’s clock)',
      rendered: 'Shown (desk’s clock)',
      acknowledged: 'Acknowledged (centre’s clock)',
      verified: 'Verdict (centre’s clock)',
      closed: 'Closed (centre’s clock)',
    },
    after: (seconds) => `+${seconds} s`,
  },
  log: {
    title: 'Log (centre’s clock)',
    empty: 'Nothing done yet',
    evidence: (count) => plural(count, 'evidence file'),
    machine: 'Machine',
    givenTo: (name) => `to ${name}`,
    takenFrom: (name) => `from ${name}`,
  },
};
