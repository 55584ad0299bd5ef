/**
 * The centre's shapes under the names that the screens use. All come from the API's own schema
 * (`npm run types` writes schema.d.ts); what stands here besides only lists their values.
 */

import type { components } from './schema';

type Schemas = components['schemas'];

export type Alert = Schemas['AlertResponse'];
export type AlertDetail = Schemas['AlertDetailResponse'];
export type AlertPage = Schemas['AlertPageResponse'];
export type AlertState = Alert['state'];
export type Box = Readonly<Alert['box']>;
/** What the lists of cameras have of each: all but what it counts, which one camera is asked for. */
export const LISTED = [
  'id',
  'name',
  'area',
  'agency',
  'lat',
  'lon',
  'bearing_deg',
  'state',
  'reason',
  'detail',
  'picture',
  'since',
  'worker',
  'sees',
  'ends_at',
  'turns',
  'moving',
] as const;
export type CameraDetail = Schemas['CameraResponse'];
export type Camera = Pick<CameraDetail, (typeof LISTED)[number]>;
export type CameraList = Omit<Schemas['CameraListResponse'], 'items'> & { items: Camera[] };
/** What the stream says of cameras that changed. */
export type CameraNews = Omit<Schemas['CameraNewsResponse'], 'items'> & { items: Camera[] };
export type Change = Schemas['ChangeResponse'];
export type Conflict = Schemas['ConflictResponse'];
export type Earlier = Schemas['EarlierAlertResponse'];
export type Door = Schemas['OidcResponse'];
export type Heartbeat = Schemas['HeartbeatResponse'];
export type LogEntry = Schemas['LogEntryResponse'];
export type Person = Schemas['PersonResponse'];
export type Problem = Schemas['ProblemResponse'];
export type RejectReason = Schemas['RejectReason'];
export type Role = Schemas['Role'];
export type Step = keyof Schemas['StepTimesResponse'];
export type User = Schemas['UserResponse'];
export type Session = Schemas['SessionResponse'];

/** The part of a case folder's manifest that the screens read. */
export interface Manifest {
  event: Pick<Alert, 'label' | 'confidence' | 'reason'> & { box: Box };
  /** How long before the moment the film begins. */
  film?: { before_s: number };
}

export type Action =
  | 'acknowledge'
  | 'confirm'
  | 'reject'
  | 'close'
  | 'reopen'
  | 'note'
  | 'claim'
  | 'hand_over'
  | 'receipt';

/** In the order of the digits 1 … 9, 0. */
/** In the order of the digits. */
export const CAMERA_REASONS = [
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
] as const satisfies readonly RejectReason[];
export const DEVICE_REASONS = [
  'test',
  'button',
  'fault',
  'drill',
  'other',
] as const satisfies readonly RejectReason[];
export const CALL_REASONS = ['hoax', 'mistaken', 'drill', 'other'] as const;
/** Of a sector's warning. */
export const WARNING_REASONS = ['mistaken', 'drill', 'other'] as const;
export const REJECT_REASONS: readonly RejectReason[] = [
  ...new Set([...CAMERA_REASONS, ...DEVICE_REASONS]),
];
/** Why a source is false; what an alert is rejected for, and what a call is. */
export type SourceReason = RejectReason | (typeof CALL_REASONS)[number];

/** In the order in which they happen. */
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
] as const satisfies readonly Step[];
