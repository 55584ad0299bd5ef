/** The field's own terms in English, and the sentences made of one term. */

import { ruleKinds } from '../../alert/rule-kinds.svelte';
import type { terms as vi } from '../vi/terms';
import { labelsEn, logActionEn, logReasonEn, reasonEn } from './machine';

const kinds: (typeof vi)['kinds'] = {
  fire: 'Suspected fire · flame',
  smoke: 'Suspected fire · smoke',
  arc: 'Suspected pole short circuit',
  intrusion: 'Intrusion in zone',
  crowd: 'Crowd gathering',
  loitering: 'Unusual loitering',
  stopped_vehicle: 'Vehicle stopped',
  exit: 'Leaving a closed area',
  camera_event: 'Signal from a camera',
  haze: 'Fog or smoke over a wide area',
  camera_offline: 'Camera without picture',
  camera_frozen: 'Camera picture frozen',
  camera_tampered: 'Camera covered or moved',
  worker_lost: 'Worker lost',
  centre_lost: 'Standby centre lost',
  detector_stalled: 'Detector stalled',
  queue_lag: 'Queue lagging',
  event_gap: 'Events missing',
  self_test_missed: 'Self-test missed',
  evidence_lag: 'Evidence not stored',
  recording_gap: 'Not being recorded',
  disk_low: 'Disk nearly full',
  clock_skew: 'Clock is wrong',
  config_problem: 'Configuration problem',
  delivery_failed: 'Not told outside',
  device_fault: 'Device trouble',
  telephone_fault: 'Exchange not heard',
  account_guessed: 'Account guessed at',
};

const confirmedKinds: Readonly<Record<string, string>> = {
  fire: 'Fire · flame',
  smoke: 'Fire · smoke',
  arc: 'Pole short circuit',
};

const severities: (typeof vi)['severities'] = {
  p1: 'Urgent',
  p2: 'Important',
  p3: 'Notice',
  system: 'System',
};

export const terms: typeof vi = {
  dayUnit: 'd',
  momentRead: (at: string) => `${at}, Hà Nội time`,
  nobody: '—',
  dismiss: 'Dismiss',
  file: { choose: 'Choose a file', none: 'No file chosen' },
  kinds,
  kindTitle: (kind, state) =>
    (state === 'confirmed' ? confirmedKinds[kind] : undefined) ??
    (kinds as Record<string, string>)[kind] ??
    ruleKinds.name(kind, 'en', state === 'confirmed') ??
    'Another alert',
  ruleName: (rule) => (kinds as Record<string, string>)[rule] ?? rule,
  states: {
    new: 'Unanswered',
    acknowledged: 'Acknowledged',
    confirmed: 'Confirmed',
    rejected: 'Rejected',
    closed: 'Closed',
  },
  reasons: {
    steam: 'Steam',
    dust: 'Dust',
    lights: 'Lights, reflections',
    sunset: 'Low sun',
    welding: 'Welding',
    votive_paper: 'Votive paper',
    street_cooking: 'Street cooking',
    fog: 'Fog',
    drill: 'Drill',
    other: 'Other',
  },
  severities,
  severityLabel: (severity) =>
    severity === 'system'
      ? 'System alert'
      : `Priority ${severity.slice(1)}, ${severities[severity].toLowerCase()}`,
  roles: {
    viewer: 'Viewer',
    operator: 'Duty officer',
    leader: 'Shift leader',
    technician: 'Technician',
    agency: 'Agency',
    admin: 'Administrator',
    auditor: 'Auditor',
  },
  labels: labelsEn,
  reasonChain: reasonEn,
  sawOften: (chain) => reasonEn(chain.split(' · ')[0] ?? ''),
  details: 'Details',
  logActions: logActionEn,
  logReason: logReasonEn,
};
