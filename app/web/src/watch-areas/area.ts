/** A temporary watch area as the form edits it, and how areas stand in the list. Pure. */

import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type Area = Schemas['WatchAreaResponse'];
export type Detail = Schemas['WatchAreaDetailResponse'];
export type Proposal = Schemas['ProposeWatchAreaRequest'];
export type Status = Area['status'];

/** The groups of the list, in their order. */
export const GROUPS = ['waiting', 'running', 'planned', 'over'] as const;
export type Group = (typeof GROUPS)[number];
const GROUP_OF: Readonly<Record<Status, Group>> = {
  proposed: 'waiting',
  running: 'running',
  planned: 'planned',
  ended: 'over',
  expired: 'over',
  refused: 'over',
};

export function grouped(areas: readonly Area[]): ReadonlyMap<Group, readonly Area[]> {
  return new Map(
    GROUPS.map((group) => [group, areas.filter((area) => GROUP_OF[area.status] === group)]),
  );
}

/** Kinds of rule that an area may have; those of a zone name one that is drawn on a camera. */
export const WHOLE_PICTURE = ['crowd', 'loitering', 'stopped_vehicle', 'fire', 'smoke'] as const;
export const IN_ZONES = 'intrusion';
export type Kind = (typeof WHOLE_PICTURE)[number] | typeof IN_ZONES;

/** A zone of one camera, as the form offers it. */
export interface ZoneChoice {
  readonly camera: string;
  readonly id: string;
  readonly name: string;
}

export interface Form {
  name: string;
  purpose: string;
  legalBasis: string;
  cameras: string[];
  kinds: Kind[];
  /** Zones of the intrusion rule, as `camera/zone`. */
  zones: string[];
  startsAt: string;
  endsAt: string;
  retentionDays: string;
  record: boolean;
}

export function emptyForm(now: number): Form {
  const hour = 3_600_000;
  const start = Math.ceil(now / hour) * hour;
  return {
    name: '',
    purpose: '',
    legalBasis: '',
    cameras: [],
    kinds: ['crowd'],
    zones: [],
    startsAt: localInput(start),
    endsAt: localInput(start + 4 * hour),
    retentionDays: '30',
    record: false,
  };
}

export function keyOf(zone: ZoneChoice): string {
  return `${zone.camera}/${zone.id}`;
}

/** The form as it is sent; what is not a time or a number is left to the centre to refuse. */
export function proposalOf(form: Form, zones: readonly ZoneChoice[]): Proposal {
  const chosen = zones.filter(
    (zone) => form.zones.includes(keyOf(zone)) && form.cameras.includes(zone.camera),
  );
  const days = Number(form.retentionDays.replace(',', '.'));
  return {
    name: form.name.trim(),
    purpose: form.purpose.trim(),
    legal_basis: form.legalBasis.trim(),
    cameras: form.cameras,
    zones: [],
    rules: form.kinds.flatMap((kind) => (kind === IN_ZONES ? intrusions(chosen) : [{ kind }])),
    starts_at: isoOf(form.startsAt),
    ends_at: isoOf(form.endsAt),
    retention_days: days,
    record: form.record,
  };
}

/** One rule for each name of a zone, on the cameras that have it. */
function intrusions(zones: readonly ZoneChoice[]): Record<string, unknown>[] {
  const names = [...new Set(zones.map((zone) => zone.id))];
  return names.map((id) => ({
    kind: IN_ZONES,
    zone: id,
    cameras: zones.filter((zone) => zone.id === id).map((zone) => zone.camera),
  }));
}

const HANOI = '+07:00';
const HANOI_MS = 7 * 3_600_000;

/** `2027-02-06T22:00`, the time in Hà Nội, whatever the browser's clock is set to. */
export function localInput(ms: number): string {
  return new Date(ms + HANOI_MS).toISOString().slice(0, 16);
}

export function isoOf(input: string): string {
  return input === '' ? '' : `${input}:00${HANOI}`;
}
