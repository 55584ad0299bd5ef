/** A rule as the form has it, and the table that is sent. Pure. */

import type { Patch } from './entry';

export const RULE_KINDS = [
  'fire',
  'smoke',
  'intrusion',
  'loitering',
  'crowd',
  'stopped_vehicle',
  'exit',
  'camera_event',
] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** What a camera tells of itself by ONVIF. */
export const CAMERA_EVENTS = [
  'digital_input',
  'tamper',
  'line_crossed',
  'field_entered',
  'motion',
] as const;
export type CameraEventName = (typeof CAMERA_EVENTS)[number];

export interface RuleDraft {
  kind: RuleKind;
  /** A zone, or a line of a rule that has one; empty: the whole picture. */
  shape: string;
  hours: string;
  /** Of `camera_event` alone; an empty source: any. */
  event: CameraEventName;
  source: string;
  whenInactive: boolean;
}

/** The rule without its name and camera. */
export function ruleOf(draft: RuleDraft): Patch {
  const { kind, shape } = draft;
  const hours = draft.hours.trim();
  return {
    kind,
    ...(shape && { [kind === 'exit' ? 'line' : 'zone']: shape }),
    ...(hours && { hours: hours.split(',').map((span) => span.trim()) }),
    ...(kind === 'camera_event' && eventOf(draft)),
  };
}

/** What tells two rules of one kind and camera apart. */
export function detailOf(draft: RuleDraft): string {
  if (draft.kind !== 'camera_event') return draft.shape;
  const source = draft.source.trim().replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  return [draft.event.replaceAll('_', '-'), source].filter(Boolean).join('-');
}

function eventOf({ event, source, whenInactive }: RuleDraft): Patch {
  return {
    events: [event],
    ...(source.trim() && { source: source.trim() }),
    ...(whenInactive && { when_inactive: true }),
  };
}
