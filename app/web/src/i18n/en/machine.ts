/** The machine's own words, said in English that an officer reads. */

import { sayChain, type StageWords } from '../../alert/machine-reason';

const LABELS: Readonly<Record<string, string>> = {
  fire: 'flame',
  smoke: 'smoke',
  person: 'person',
  bicycle: 'bicycle',
  car: 'car',
  motorcycle: 'motorcycle',
  bus: 'bus',
  truck: 'truck',
  motion: 'motion',
  tamper: 'tampering or signal loss',
  digital_input: 'digital input',
  line_crossed: 'line crossed',
  field_entered: 'field entered',
  flash: 'electric flash',
};

function usual(rest: string): string {
  return rest.includes('usual here') ? ', such alerts are usual here' : '';
}

const STAGES: StageWords = {
  looks: (seen, of) => `seen in ${seen} of ${of} looks`,
  change_unmeasured: () => 'change not measured',
  change: (change) => `change ${change}`,
  warmth: (warmth) => `flame colour ${warmth}`,
  grey: () => 'picture without colour',
  faint: (looks, of) => `faint, but seen in ${looks} of ${of} looks`,
  fog: (looks) => `in fog, seen in ${looks} looks`,
  unchecked: () => 'not checked twice',
  returned: (s) => `returned after ${s} s`,
  unseen: (s) => `not seen for ${s} s`,
  doubted: (percent = '', rest = '') =>
    percent
      ? `the second check believes it only by ${percent}%${usual(rest)}`
      : 'the machine doubts it',
  believed: (percent = '', rest = '') =>
    percent
      ? `the second check believes it by ${percent}%${usual(rest)}`
      : 'the machine believes it now',
  flame_follows: () => 'flame follows smoke',
  lasting: () => 'still there, doubted',
  haze: (count, names = '') => `fog or smoke on ${count} cameras${names ? `: ${names}` : ''}`,
  haze_gone: () => 'the haze is gone',
  called: (number) => `corroborated by call ${number}`,
  agrees: (camera) => `camera ${camera} sees it too`,
  device_agrees: (device) => `${device} tells of it too`,
  device: (zone = '') => `signal of an alarm device${zone ? `: ${zone}` : ''}`,
  reading: (value) => `value ${value}`,
  more_folded: (count) => `${count} more signals like it`,
  cameras_clear: (count, at) => `${count} camera${count === '1' ? '' : 's'} saw nothing, at ${at}`,
  fire_too: () => 'fire too',
  smoke_too: () => 'smoke too',
  area_doubled: () => 'twice as large',
  surer: (confidence) => `surer: ${confidence}`,
  still_seen: () => 'still seen',
  crowd: (here, allowed) => `${here} here, ${allowed} allowed`,
  for_seconds: (s) => `for ${s} s`,
  stayed: (s, allowed) => `stayed ${s} s, ${allowed} s allowed`,
  stopped: (s, allowed) => `stopped ${s} s, ${allowed} s allowed`,
  left_line: () => 'left over the line',
  told_by_camera: (kind, source = '') =>
    `the camera told of ${LABELS[kind] ?? kind}${source ? ` (${source})` : ''}`,
  seen_by_camera: () => 'seen by the camera itself',
  at_rest: () => 'at rest again',
  events_lost: () => 'the camera’s signals that a rule waits for do not come',
  events_come: () => 'the camera’s signals come again',
  crossings: (out, into) => `${out} out, ${into} in`,
  flashes: (count, s) => `${count} flashes in ${s} s`,
  flash_then_smoke: () => 'flash, then smoke',
  flash_then_fire: () => 'flash, then flame',
  film: () => 'film is complete',
  drill: () => 'film of a drill',
  network: (down, all) => `${down} of ${all} cameras dark at once: look at the network`,
  no_look: (s) => `no look for ${s} s`,
  look_hangs: (s) => `one look goes on for over ${s} s`,
  blind: () => 'the model does not see the known fire',
  looks_again: () => 'looks again',
  no_room: (count) => `${count} events found no room`,
  none_lost: () => 'no more events lost',
  picture_frozen: () => 'picture stands still',
  picture_dark: () => 'picture dark or covered',
  picture_covered: () => 'lens covered',
  picture_moved: () => 'camera was turned',
  picture_blurred: () => 'picture blurred',
  picture_ok: () => 'pictures are well again',
  queue_answers: () => 'queue answers again',
  queue_waits: (count) => `more than ${count} events wait for the archive`,
  unreadable: () => 'an event could not be read',
  no_new: () => 'no more of them',
  silent: () => 'no sign of life',
  reports_again: () => 'reports again',
  spool_waits: (s) => `events wait on the worker for over ${s} s`,
  drains: () => 'catching up',
  unproven: (minutes) => `no self-test came through for ${minutes} min`,
  proven: () => 'self-test came through',
  unwatched: (count) => `${count} cameras have no worker`,
  all_watched: () => 'every camera has a worker',
  missing: (count) => `${count} events are missing`,
  pictures: () => 'pictures stored',
  evidence_store: () => 'the evidence store cannot be used',
  evidence_waits: (s) => `pictures and films wait on the worker for over ${s} s`,
  evidence_failed: (count) => `${count} events lack pictures or film`,
  evidence_none_failed: () => 'no more are missing',
  evidence_well: () => 'evidence reaches its store',
  evidence_elsewhere: () => 'the worker writes to another evidence store',
  not_recorded: (cameras) => `${cameras} cameras are not being recorded`,
  recorded_again: () => 'recorded again',
  disk_low: (gb) => `less than ${gb} GB free on the disk`,
  disk_room: () => 'room on the disk again',
  clock_ahead: (s) => `clock ${s} s ahead of the queue's`,
  clock_behind: (s) => `clock ${s} s behind the queue's`,
  config_wrong: (count, where) => `${count} problems in the configuration, set aside: ${where}`,
  config_earlier: (where) => `runs by the last good configuration; not applied: ${where}`,
  config_right: () => 'configuration is right',
  no_login: (days) =>
    `walls and tokens that this account let in end in ${days} days unless it logs in`,
  login: () => 'it logged in, or they ended',
  guessed: (what) => (what === 'password' ? 'too many wrong passwords' : 'too many wrong codes'),
  not_guessed: () => 'nobody guesses any more',
  clock_right: () => 'clock is right again',
  well_again: () => 'well again',
};

/** Why a camera gives no picture. */
export const CAMERA_REASONS: Readonly<Record<string, string>> = {
  not_started: 'not started',
  opening: 'opening the source',
  pictures: 'pictures come',
  unreachable: 'address unreachable',
  unanswered: 'device does not answer',
  unauthorized: 'wrong user or password',
  certificate: 'certificate not believed',
  not_found: 'wrong path',
  refused: 'device refuses',
  transport: 'other transport needed',
  redirect: 'redirects to another host',
  redirect_loop: 'it redirects in a circle',
  network: 'its name leads where no camera may stand',
  address: 'the address is written wrongly (in a password / ? # are %2F %3F %23)',
  web_page: 'that is a web page, not a stream',
  other_protocol: 'another protocol is spoken on that port',
  needs_tls: 'that port speaks TLS: write rtsps:// or https://',
  no_tls: 'that port speaks no TLS: write rtsp:// or http://',
  srtp_only: 'the camera sends SRTP only: switch it off there',
  no_video: 'no video in the stream',
  no_metadata: 'no ONVIF metadata in the stream',
  unsupported: 'codec not supported',
  stalled: 'stream stopped',
  ended: 'stream ended',
  garbled: 'data are damaged',
  no_keyframe: 'no keyframe: set its interval to 1-2 s',
  broke: 'connection broke',
  stopped: 'stopped',
  no_worker_reports: 'no worker reports it',
  queue_unavailable: 'queue does not answer',
};

const LOG_ACTIONS: Readonly<Record<string, string>> = {
  opened: 'Detected',
  spoke: 'Speaks again',
  updated: 'Still seen',
  cleared: 'No longer seen',
  evidence: 'Evidence stored',
  evidence_deleted: 'Evidence deleted after its time',
  evidence_held: 'Evidence put on hold',
  habits_cleared: 'Forgot what is usual',
  evidence_released: 'Hold on evidence ended',
  acknowledge: 'Acknowledged',
  confirm: 'Confirmed',
  reject: 'Rejected',
  close: 'Closed',
  reopen: 'Reopened',
  lease_expired: 'Lease expired, back to unanswered',
  lease_renewed: 'Lease renewed: its holder is at work',
  propose: 'Proposed as false',
  picture_mailed: 'Blurred picture sent by mail',
  maker_absent_told: 'Absent for long: walls and tokens will end',
  case_exported: 'Sealed case downloaded',
  record_exported: 'Record printed',
  verdicts_exported: 'Verdicts and crops exported',
  note: 'Note',
  claim: 'Claimed',
  hand_over: 'Handed over',
  receipt: 'Read by the agency',
  shelved: 'Laid aside',
  unshelved: 'No longer laid aside',
};

/** Reasons that only repeat the action are said by it alone. */
const LOG_REASONS: Readonly<Record<string, string>> = {
  first: 'for the first time',
  recurred: 'recurred',
  grew_after_rejection: 'grew after the rejection',
  surer_after_rejection: 'surer than at the rejection',
  agreed_after_rejection: 'another camera sees it since the rejection',
  elsewhere_after_rejection: 'not where it was rejected',
  grew_after_closing: 'grew after closing',
  call_agrees: 'somebody called from near',
  call_untrue: 'the call was not true',
  device_agrees: 'a device near it tells of it too',
  cameras_see_nothing: 'the cameras that look at the device see nothing',
  cameras_agree: 'two cameras see it',
  priority_rose: 'priority rose',
  area_doubled: 'twice as large',
  returned: 'returned',
  folded: 'same episode',
  late: 'word came late',
  quiet_place: 'quiet after the rejection',
  quiet_after_closing: 'quiet after closing',
  cleared_in_part: 'partly no longer seen',
  nothing_to_clear: '',
  shelved: '',
  shelf_ended: 'its time was over',
  shelf_lifted: 'somebody ended it',
  evidence: '',
  cleared: '',
  lease_renewed: '',
  lease_expired: '',
  taken: '',
  confirmed: '',
  rejected: '',
  closed: '',
  reopened: '',
  drill_ended: 'the drill is over',
  cosigned: 'co-signed by the leader',
  awaits_cosign: 'awaits the leader’s co-sign',
};

const CHAIN = { stages: STAGES, cameras: CAMERA_REASONS, unknown: 'another reason' };

export function labelsEn(label: string): string {
  return LABELS[label] ?? (label === '' ? '' : 'object');
}

export function reasonEn(chain: string): string {
  return sayChain(chain, CHAIN);
}

export function logActionEn(action: string): string {
  return LOG_ACTIONS[action] ?? 'Another change';
}

export function logReasonEn(reason: string): string {
  return LOG_REASONS[reason] ?? reasonEn(reason);
}
