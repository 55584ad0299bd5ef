/** Incidents and calls as the screens use them: the centre's shapes, its requests, what is read aloud. */

import { api, newKey } from '../api/client';
import type { components, paths } from '../api/schema';

type Schemas = components['schemas'];

export type Incident = Schemas['IncidentResponse'];
export type OneIncident = Schemas['OneIncidentResponse'];
export type AlertIncident = Schemas['AlertIncidentResponse'];
export type IncidentDetail = Schemas['IncidentDetailResponse'];
export type IncidentState = Incident['state'];
export type WorklistPage = Schemas['WorklistResponse'];
export type Row = Schemas['RowResponse'];
export type Source = Schemas['SourceResponse'];
/** What the stream says of an incident. */
export interface IncidentChange {
  readonly reason: string;
  readonly incident: Pick<Incident, 'id'>;
}
/** What is done to an incident, as the centre's routes are named. */
export type IncidentAct =
  | {
      [P in keyof paths]: P extends `/api/v1/incidents/{incident_id}/${infer Act}`
        ? Act extends `${string}{${string}`
          ? never
          : Act
        : never;
    }[keyof paths]
  | `sources/${string}/${string}/verdict`;
export type Act = (action: IncidentAct, body: object) => Promise<boolean>;
export type OpenPoint = Schemas['OpenPoint'];
export type Call = Schemas['CallResponse'];
export type TakenCall = Schemas['TakenCallResponse'];
export type Nearby = Schemas['NearbyResponse'];
export type Suggestion = Schemas['SuggestionResponse'];
export type IncomingCall = Schemas['IncomingCallResponse'];
export type KnownPlace = Schemas['KnownPlaceResponse'];
export type CallKind = Call['kind'];
export type Line = Schemas['TakeCallRequest']['line'];
export type Disposition = Schemas['Disposition'];
export type UnitKind = Schemas['UnitKind'];
export type Unit = Schemas['UnitResponse'];
export type UnitStatus = Schemas['UnitStatus'];

/** The emergency numbers, each of which this centre takes. */
export const LINES = ['112', '113', '114', '115'] as const satisfies readonly Line[];

/** In the order of the digits 1 … 9, 0, then by letter: what is urgent first. */
export const CALL_KINDS = [
  'fire',
  'explosion',
  'short_circuit',
  'rescue',
  'traffic',
  'crime',
  'public_order',
  'medical',
  'other',
  'enquiry',
  'hang_up',
  'silent',
  'hoax',
] as const satisfies readonly CallKind[];

export const STATES = [
  'open',
  'assessed',
  'dispatched',
  'en_route',
  'on_scene',
  'controlled',
  'closed',
] as const satisfies readonly IncidentState[];

/** In the order of the keys 1 … 6. */
export const UNIT_STATUSES = [
  'available',
  'assigned',
  'en_route',
  'on_scene',
  'returning',
  'off',
] as const satisfies readonly UnitStatus[];

export const DISPOSITIONS = [
  'handled',
  'transferred',
  'false_alarm',
  'hoax',
  'nothing_found',
  'duplicate',
] as const satisfies readonly Disposition[];

/** The caps of the keys on an incident's page, as on the desk; digits choose a step, or a unit after V. */
export const PAGE_KEYS = {
  acknowledge: 'A',
  assess: 'C',
  close: 'X',
  merge: 'G',
  units: 'V',
  send: 'Enter',
} as const;

/** What an incident holds, counted: "12 cảnh báo, 1 cuộc gọi". */
export function sourcesOf(
  incident: Pick<Incident, 'members'>,
  counted: Readonly<Record<Incident['members'][number]['type'], (count: number) => string>>,
): string {
  const counts = new Map<Incident['members'][number]['type'], number>();
  for (const { type } of incident.members) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => counted[type](count)).join(', ');
}

/** Whether an incident has passed a state, or stands in it. */
export function isPast(incident: Pick<Incident, 'state'>, state: IncidentState): boolean {
  return STATES.indexOf(incident.state) >= STATES.indexOf(state);
}

/** The kind of call that a key stands for: 1 … 9 and 0. */
export function kindOfDigit(digit: number): CallKind | undefined {
  return CALL_KINDS[digit === 0 ? 9 : digit - 1];
}

export interface CallForm {
  readonly kind: CallKind;
  readonly line: Line;
  readonly caller: string;
  readonly place: string;
  readonly point: { readonly lat: number; readonly lon: number } | null;
  readonly words: string;
  /** The exchange's call that it is, if one told of it. */
  readonly incoming: string | null;
}

/** Where a call is, as far as it was typed. */
export function placeOf({ place, point }: CallForm): Schemas['PlaceRequest'] | null {
  const text = place.trim();
  return text || point ? { text: text || null, ...point } : null;
}

/** What is sent of a form: what was left empty is not said; `incident`: the open one that it tells of. */
export function callBody(
  form: CallForm,
  incident: string | null = null,
): Schemas['TakeCallRequest'] {
  return {
    kind: form.kind,
    line: form.line,
    caller: form.caller.trim() || null,
    place: placeOf(form),
    words: form.words.trim() || null,
    incoming: form.incoming,
    incident,
  };
}

/** Which incidents are asked for, and from where on. */
export interface IncidentQuery {
  readonly q: string;
  readonly open: boolean;
  readonly sort: 'newest' | 'urgency';
  readonly limit: number;
  readonly cursor: string | null;
}

const at = (id: string) => ({ path: { incident_id: id } });

export const incidentApi = {
  /** By POST where words are looked for: no log of addresses has them. */
  list: ({ q, ...rest }: IncidentQuery) =>
    q
      ? api.post('/incidents/search', { body: { state: [], kind: [], q, ...rest } })
      : api.get('/incidents', { query: rest }),
  worklist: (query: { limit: number; cursor: string | null }) => api.get('/worklist', { query }),
  row: (id: string) => api.get('/incidents/{incident_id}/row', at(id)),
  one: (id: string) => api.get('/incidents/{incident_id}', at(id)),
  detail: (id: string) => api.get('/incidents/{incident_id}/detail', at(id)),
  calls: (limit: number) => api.get('/calls', { query: { limit } }),
  places: (text: string) => api.get('/places', { query: { q: text } }),
  nearby: (told: Schemas['NearbyRequest']) => api.post('/calls/nearby', { body: told }),
  redact: (call: string, reason: string) =>
    api.post('/calls/{call_id}/redact', { path: { call_id: call }, body: { reason } }),
  ofAlert: (alert: string) => api.get('/alerts/{alert_id}/incident', { path: { alert_id: alert } }),
  openForAlert: (alert: string) =>
    api.post('/alerts/{alert_id}/incident', { path: { alert_id: alert } }),
  incoming: () => api.get('/incoming-calls'),
  takeIncoming: (id: string) =>
    api.post('/incoming-calls/{incoming_id}/take', { path: { incoming_id: id } }),
  /** The key stays the same while one call is sent again. */
  take: (form: CallForm, key: string, incident: string | null = null) =>
    api.post('/calls', { body: callBody(form, incident), headers: { 'Idempotency-Key': key } }),
  /** Each action has a route and a body of its own. */
  command: (incident: Pick<Incident, 'id' | 'version'>, action: IncidentAct, body: object) =>
    api.send('POST', `/incidents/${encodeURIComponent(incident.id)}/${action}`, {
      body: JSON.stringify(body),
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': newKey(),
        'If-Match': String(incident.version),
      },
    }),
  units: () => api.get('/units'),
  moveUnit: (unit: string, status: UnitStatus) =>
    api.post('/units/{unit_id}/position', { path: { unit_id: unit }, body: { status } }),
  answer: (assignment: string, answer: string) =>
    api.post('/assignments/{assignment_id}/answer', {
      path: { assignment_id: assignment },
      body: { answer },
    }),
};

/**
 * Join two: the incident that is further on stays, of two alike the older, with its number and place.
 * Returns whether that is the other one.
 */
export async function joinEither(
  own: Incident,
  other: Pick<Suggestion, 'type' | 'id'>,
  join: (body: object) => Promise<unknown>,
): Promise<boolean> {
  if (other.type === 'incident') {
    const into = await incidentApi.one(other.id);
    if (stays(into, own)) {
      await incidentApi.command(into, 'join', { type: 'incident', id: own.id });
      return true;
    }
  }
  await join({ type: other.type, id: other.id });
  return false;
}

interface Standing extends Pick<Incident, 'state'> {
  readonly steps: readonly Pick<Incident['steps'][number], 'at'>[];
}

const openedAt = ({ steps }: Standing) => Math.min(...steps.map(({ at }) => Date.parse(at)));

/** Whether the first of two incidents stays when they are joined. */
export function stays(one: Standing, other: Standing): boolean {
  const ahead = STATES.indexOf(one.state) - STATES.indexOf(other.state);
  return ahead > 0 || (ahead === 0 && openedAt(one) < openedAt(other));
}

/** A place with its ward, once: an address that was chosen from the list names it already. */
export function withWard(place: string, ward: string | null | undefined): string {
  return !ward || place.split(', ').includes(ward) ? place : `${place}, ${ward}`;
}
