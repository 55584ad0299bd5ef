/** The field's own terms in English, and the sentences made of one term. */

import { alertKinds } from '../../alert/alert-kinds.svelte';
import type { terms as vi } from '../vi/terms';
import { labelsEn, logActionEn, logReasonEn, reasonEn } from './machine';

const severities: (typeof vi)['severities'] = {
  p1: 'Urgent',
  p2: 'Important',
  p3: 'Notice',
  system: 'System',
};

export const terms: typeof vi = {
  dayUnit: 'd',
  span: (seconds) => {
    if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86_400)} d`;
  },
  dateField: {
    hanoi: 'Hà Nội time',
    form: { date: 'day/month/year', moment: 'day/month/year hour:minute', time: 'hour:minute' },
    wrong: {
      date: 'Write day/month/year, for example 24/11/2026',
      moment: 'Write day/month/year hour:minute, for example 24/11/2026 14:02',
      time: 'Write hour:minute, for example 14:02',
    },
    tooEarly: (min: string) => `Not before ${min}`,
  },
  nobody: '—',
  dismiss: 'Dismiss',
  file: { choose: 'Choose a file', none: 'No file chosen' },
  kindTitle: (kind, state) => alertKinds.name(kind, 'en', state === 'confirmed') ?? 'Another alert',
  /** A kind of alert in a list; by itself where nobody named it. */
  kindName: (kind) => alertKinds.name(kind, 'en') ?? kind,
  ruleName: (rule) => alertKinds.name(rule, 'en') ?? rule,
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
    test: 'Test of the device',
    button: 'Button pressed by mistake',
    fault: 'Fault of the device',
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
    crew: 'Crew (phone)',
    auditor: 'Auditor',
  },
  labels: labelsEn,
  reasonChain: reasonEn,
  sawOften: (chain) => reasonEn(chain.split(' · ')[0] ?? ''),
  cut: (shown) => `Not all are listed: these are ${shown}.`,
  details: 'Details',
  logActions: logActionEn,
  logReason: logReasonEn,
};
