/** The kinds of event the screens have words for (design §7). A kind of tomorrow shows its own name. */

export const KINDS = [
  'fire',
  'smoke',
  'arc',
  'intrusion',
  'crowd',
  'loitering',
  'stopped_vehicle',
  'exit',
  'camera_event',
  'haze',
  'camera_offline',
  'camera_frozen',
  'camera_tampered',
  'worker_lost',
  'centre_lost',
  'detector_stalled',
  'queue_lag',
  'event_gap',
  'self_test_missed',
  'evidence_lag',
  'recording_gap',
  'disk_low',
  'clock_skew',
  'config_problem',
  'delivery_failed',
  'device_fault',
  'telephone_fault',
  'account_guessed',
] as const;
export type Kind = (typeof KINDS)[number];

const SYSTEM: ReadonlySet<string> = new Set<Kind>([
  'camera_offline',
  'camera_frozen',
  'camera_tampered',
  'worker_lost',
  'centre_lost',
  'detector_stalled',
  'queue_lag',
  'event_gap',
  'self_test_missed',
  'evidence_lag',
  'recording_gap',
  'disk_low',
  'clock_skew',
  'config_problem',
  'delivery_failed',
  'device_fault',
  'telephone_fault',
  'account_guessed',
]);
const FIRE: ReadonlySet<string> = new Set<Kind>(['fire', 'smoke', 'arc', 'haze']);

/** The system's own troubles, as against the city's. */
export function isSystemKind(kind: string): boolean {
  return SYSTEM.has(kind);
}

/** Kinds that the fire service answers. */
export function isFireKind(kind: string): boolean {
  return FIRE.has(kind);
}
