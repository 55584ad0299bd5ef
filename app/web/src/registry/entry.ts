/** A registered camera as the form edits it: what changed, and which rows of a long table are drawn. Pure. */

import { fold } from '../alert/triage';
import { instant } from '../time/format';
import { momentIso, toMomentField } from '../time/moment-field';

export interface CameraEntry {
  id: string;
  name: string;
  source: string;
  main_source?: string;
  tls_pin?: string;
  agency?: string;
  area?: string;
  lat?: number;
  lon?: number;
  bearing_deg?: number;
  conformity?: string;
  ptz?: boolean;
  onvif?: OnvifLink;
  metadata?: string;
  record?: boolean;
  enabled?: boolean;
  valid_from?: string;
  valid_to?: string;
  zones?: readonly { id: string; name: string; polygon: readonly Pair[] }[];
  lines?: readonly { id: string; name: string; points: readonly Pair[]; inside: Pair }[];
  masks?: readonly (readonly Pair[])[];
  privacy_masks?: readonly (readonly Pair[])[];
}
/** Where a camera is asked by ONVIF, and what it is known by when its address changes. */
export interface OnvifLink {
  readonly service: string;
  readonly endpoint?: string;
  readonly mac?: string;
  readonly events?: boolean;
}
type Pair = readonly [number, number];
export type Patch = Readonly<Record<string, unknown>>;

/** The form's fields as they are typed. */
export const FIELDS = [
  'name',
  'id',
  'source',
  'main_source',
  'tls_pin',
  'agency',
  'area',
  'lat',
  'lon',
  'bearing_deg',
  'conformity',
  'valid_from',
  'valid_to',
] as const;
export type Field = (typeof FIELDS)[number];
const NUMBERS: ReadonlySet<Field> = new Set<Field>(['lat', 'lon', 'bearing_deg']);
/** Fields of a date and a time. */
export const MOMENTS: ReadonlySet<string> = new Set<Field>(['valid_from', 'valid_to']);

/** Whether a camera is recorded all day; by default as the site says. */
export const RECORDED = ['as_site', 'on', 'off'] as const;
export type Recorded = (typeof RECORDED)[number];

/** Which stream has the camera's own object boxes (ONVIF metadata). */
export const METADATA = ['off', 'source', 'main_source'] as const;
export type Metadata = (typeof METADATA)[number];

export interface Form {
  fields: Record<Field, string>;
  ptz: boolean;
  /** Its own events are listened to; only where it has an ONVIF address. */
  events: boolean;
  metadata: Metadata;
  recorded: Recorded;
  enabled: boolean;
}

export function formOf(entry: CameraEntry | null): Form {
  const fields = Object.fromEntries(
    FIELDS.map((field) => [field, typedOf(entry, field)]),
  ) as Record<Field, string>;
  return {
    fields,
    ptz: entry?.ptz ?? false,
    events: entry?.onvif?.events ?? false,
    metadata: metadataOf(entry),
    recorded: recordedOf(entry),
    enabled: entry?.enabled ?? true,
  };
}

/** The keys that the form changes; null takes a key away. A number that is none is sent as typed. */
export function patchOf(entry: CameraEntry | null, form: Form): Patch {
  const patch: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const typed = form.fields[field];
    if (typed === typedOf(entry, field)) continue; // a time keeps its seconds
    const value = valueOf(field, typed);
    if (value !== (entry?.[field] ?? null)) patch[field] = value;
  }
  if (form.ptz !== (entry?.ptz ?? false)) patch['ptz'] = form.ptz;
  const link = entry?.onvif;
  if (link && form.events !== (link.events ?? false))
    patch['onvif'] = { ...link, events: form.events };
  if (form.metadata !== metadataOf(entry))
    patch['metadata'] = form.metadata === 'off' ? null : form.metadata;
  if (form.recorded !== recordedOf(entry))
    patch['record'] = form.recorded === 'as_site' ? null : form.recorded === 'on';
  if (form.enabled !== (entry?.enabled ?? true)) patch['enabled'] = form.enabled;
  return patch;
}

/** A new camera's table: what is empty is left out. */
export function tableOf(form: Form): Patch {
  const table = Object.entries(patchOf(null, form)).filter(([, value]) => value !== null);
  const id = form.fields.id.trim() || idOf(form.fields.name);
  return { ...Object.fromEntries(table), id };
}

function metadataOf(entry: CameraEntry | null): Metadata {
  return METADATA.find((one) => one === entry?.metadata) ?? 'off';
}

function recordedOf(entry: CameraEntry | null): Recorded {
  if (entry?.record === undefined || entry.record === null) return 'as_site';
  return entry.record ? 'on' : 'off';
}

/** What stands in the form before anybody types. */
function typedOf(entry: CameraEntry | null, field: Field): string {
  const text = String(entry?.[field] ?? '');
  if (!MOMENTS.has(field)) return text;
  const at = instant(text);
  return at === null ? '' : toMomentField(at);
}

function valueOf(field: Field, typed: string): string | number | null {
  const text = typed.trim();
  if (text === '') return null;
  if (MOMENTS.has(field)) return momentIso(text);
  if (!NUMBERS.has(field)) return text;
  const number = Number(text.replace(',', '.'));
  return Number.isFinite(number) ? number : text;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const SPARE_ROWS = 8;

/** Which rows stand in the window, and some beside it. */
export function rangeOf(scrollTop: number, height: number, row: number, total: number): Range {
  const from = Math.max(0, Math.floor(scrollTop / row) - SPARE_ROWS);
  const to = Math.min(total, Math.ceil((scrollTop + height) / row) + SPARE_ROWS);
  return { from: Math.min(from, to), to };
}

/** How a key's value is called by people; null where it is shown as it is. */
export type Read = (key: string, value: unknown) => string | null;

/** The keys that differ between two forms of an entry, with both values as text. */
export function differences(
  before: Patch | null,
  after: Patch | null,
  read: Read,
): readonly { key: string; before: string; after: string }[] {
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return keys
    .filter((key) => whole(before?.[key]) !== whole(after?.[key]))
    .map((key) => ({ key, ...told(key, before?.[key], after?.[key], read) }));
}

/** Both values in short; whole where the short ones are the same, as of a zone that was redrawn. */
function told(
  key: string,
  before: unknown,
  after: unknown,
  read: Read,
): { before: string; after: string } {
  const short = {
    before: read(key, before) ?? shown(before),
    after: read(key, after) ?? shown(after),
  };
  return short.before === short.after ? { before: whole(before), after: whole(after) } : short;
}

function whole(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.length > 0 && value.every(isNamed))
    return value.map((one) => one.name).join(', ');
  return whole(value);
}

/** A zone or a line: its name says it, its corners would not. */
function isNamed(value: unknown): value is { name: string } {
  return typeof value === 'object' && value !== null && 'name' in value;
}

/** `Cổng sau` is `cong-sau`: an id of letters, digits and dashes. */
export function idOf(name: string): string {
  return fold(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}
