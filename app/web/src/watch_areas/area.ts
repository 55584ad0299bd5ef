/** A temporary watch area as the form edits it, and how areas stand in the list. Pure. */

import type { components } from '../api/schema';
import { fieldsOf, type RuleKind } from '../registry/rule-settings';
import { momentIso, toMomentField } from '../time/moment-field';

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

/** Kinds of rule that an area may have: those that need no more than a zone to be named. */
export function areaKinds(kinds: readonly RuleKind[]): readonly RuleKind[] {
  return kinds.filter(
    (kind) =>
      kind.needs.every((shape) => shape === 'zone') &&
      fieldsOf(kind).every((field) => !field.required),
  );
}

/** Whether the kind watches zones only, so that some must be chosen or drawn. */
export function isInZones(kind: RuleKind): boolean {
  return kind.needs.includes('zone');
}

/** A zone of one camera, as the form offers it. */
export interface ZoneChoice {
  readonly camera: string;
  readonly id: string;
  readonly name: string;
}

/** A zone that is drawn for the area alone. */
export interface OwnZone extends ZoneChoice {
  readonly polygon: readonly (readonly [number, number])[];
}

/** So begin the ids of an area's own zones: no camera's zone is taken for one of them. */
const OWN = 'rieng-';
const LONGEST_ID = 40;

/** A zone that was drawn on a camera, with an id that no other of the area has there. */
export function ownZone(
  camera: string,
  drawn: { readonly name: string; readonly id: string; readonly polygon: OwnZone['polygon'] },
  others: readonly OwnZone[],
): OwnZone {
  const taken = new Set(others.map((zone) => zone.id));
  const stem = `${OWN}${drawn.id}`.slice(0, LONGEST_ID - 3).replace(/-+$/, '');
  let id = stem;
  for (let number = 2; taken.has(id); number += 1) id = `${stem}-${number}`;
  return { camera, id, name: drawn.name, polygon: drawn.polygon };
}

/** The zones of an area as the centre sends them. */
export function ownZonesOf(area: Pick<Area, 'zones'>): readonly OwnZone[] {
  return area.zones as unknown as readonly OwnZone[];
}

export interface Form {
  name: string;
  purpose: string;
  legalBasis: string;
  cameras: string[];
  kinds: string[];
  ownZones: readonly OwnZone[];
  /** Cameras' zones of the rules in zones, as `camera/zone`. */
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
    kinds: [],
    ownZones: [],
    zones: [],
    startsAt: toMomentField(start),
    endsAt: toMomentField(start + 4 * hour),
    retentionDays: '30',
    record: false,
  };
}

export function keyOf(zone: ZoneChoice): string {
  return `${zone.camera}/${zone.id}`;
}

/** The form as it is sent; what is not a time or a number is left to the centre to refuse. */
export function proposalOf(
  form: Form,
  zones: readonly ZoneChoice[],
  kinds: readonly RuleKind[],
): Proposal {
  const wanted = kinds.filter((kind) => form.kinds.includes(kind.kind));
  const chosen = zones.filter(
    (zone) => form.zones.includes(keyOf(zone)) && form.cameras.includes(zone.camera),
  );
  const own = wanted.some(isInZones)
    ? form.ownZones.filter((zone) => form.cameras.includes(zone.camera))
    : [];
  const days = Number(form.retentionDays.replace(',', '.'));
  return {
    name: form.name.trim(),
    purpose: form.purpose.trim(),
    legal_basis: form.legalBasis.trim(),
    cameras: form.cameras,
    zones: own.map(({ camera, id, name, polygon }) => ({ camera, id, name, polygon })),
    rules: wanted.flatMap((kind) =>
      isInZones(kind) ? inZones(kind.kind, [...chosen, ...own]) : [{ kind: kind.kind }],
    ),
    starts_at: momentIso(form.startsAt),
    ends_at: momentIso(form.endsAt),
    retention_days: days,
    record: form.record,
  };
}

/** One rule for each name of a zone, on the cameras that have it. */
function inZones(kind: string, zones: readonly ZoneChoice[]): Record<string, unknown>[] {
  const names = [...new Set(zones.map((zone) => zone.id))];
  return names.map((id) => ({
    kind,
    zone: id,
    cameras: zones.filter((zone) => zone.id === id).map((zone) => zone.camera),
  }));
}
