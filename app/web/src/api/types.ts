/**
 * The shapes that the centre speaks. Times are ISO-8601 in UTC; boxes are [x, y, w, h] in 0..1 of
 * the picture. `schema.d.ts` (made by `npm run types`) is the API's own word for them.
 */

export const KINDS = [
  'fire',
  'smoke',
  'arc',
  'intrusion',
  'crowd',
  'loitering',
  'stopped_vehicle',
  'exit',
  'camera_offline',
  'camera_frozen',
  'camera_tampered',
  'worker_lost',
  'detector_stalled',
  'queue_lag',
  'event_gap',
  'self_test_missed',
] as const;
export type Kind = (typeof KINDS)[number];

/** What people did with the alert. */
export type AlertState = 'new' | 'acknowledged' | 'confirmed' | 'rejected' | 'closed';

/** What the detector sees now. */
export type Condition = 'active' | 'cleared';

export type Role =
  | 'viewer'
  | 'operator'
  | 'leader'
  | 'technician'
  | 'agency'
  | 'admin'
  | 'auditor';

export const REJECT_REASONS = [
  'steam',
  'dust',
  'lights',
  'sunset',
  'welding',
  'votive_paper',
  'street_cooking',
  'fog',
  'drill',
  'other',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

export type Action = 'acknowledge' | 'confirm' | 'reject' | 'close' | 'reopen';

export type Box = readonly [x: number, y: number, w: number, h: number];

export interface Person {
  username: string;
  name: string;
}

export interface Alert {
  id: string;
  number: string;
  kind: Kind;
  state: AlertState;
  condition: Condition;
  priority: 1 | 2 | 3;
  version: number;
  raised_at: string;
  last_seen_at: string;
  cleared_at: string | null;
  camera: string;
  camera_name: string;
  place: string | null;
  area: string | null;
  agency: string | null;
  lat: number | null;
  lon: number | null;
  label: string | null;
  confidence: number | null;
  box: Box | null;
  detections: number;
  reason: string | null;
  owner: Person | null;
  acknowledged_at: string | null;
  lease_until: string | null;
  verdict_by: Person | null;
  reject_reason: RejectReason | null;
  closed_at: string | null;
  snapshot: string | null;
  snapshot_boxed: string | null;
  clip: string | null;
  unchecked: boolean;
}

export interface Evidence {
  id: string;
  kind: string;
  sha256: string;
  bytes: number;
  url: string;
}

export interface LogEntry {
  at: string;
  actor: string;
  action: string;
  reason: string | null;
  note: string | null;
  actor_name?: string | null;
  details?: Record<string, unknown> | null;
}

export const STEPS = [
  'captured',
  'inferred',
  'spooled',
  'queued',
  'stored',
  'pushed',
  'rendered',
  'acknowledged',
  'verified',
  'closed',
] as const;
export type Step = (typeof STEPS)[number];

export interface AlertDetail extends Alert {
  evidence: Evidence[];
  log: LogEntry[];
  steps: Partial<Record<Step, string | null>>;
}

export interface User extends Person {
  role: Role;
  locale: string;
}

export interface Session {
  user: User;
  csrf: string;
  /** The site's own name for the header. */
  site?: { name: string } | null;
}

export interface Camera {
  id: string;
  name: string;
  area: string | null;
  agency: string | null;
  lat: number | null;
  lon: number | null;
  bearing_deg: number | null;
  state: string;
  reason: string | null;
  since: string | null;
  fps: number | null;
  last_frame_at: string | null;
  look_interval_s: number | null;
  worker: string | null;
}

export interface Heartbeat {
  now: string;
  cameras_total: number;
  cameras_online: number;
  last_proven: string | null;
}

export interface Change {
  seq: number;
  kind: string;
  alert: Alert;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}
