/** What is searched for among sightings; kept in the address, so that a link shows the same. */

import { alertKinds } from '../alert/alert-kinds.svelte';
import type { QueryOf } from '../api/routes';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type Answer = Schemas['SearchResponse'];
export type Sighting = Schemas['SightingResponse'];
export type SearchedCamera = Schemas['SearchedCameraResponse'];
export type Thing = Sighting['class'];
export type Colour = Schemas['VehicleColour'];
export type Side = Schemas['LineSide'];

export const THINGS = [
  'person',
  'bicycle',
  'motorcycle',
  'car',
  'bus',
  'truck',
] as const satisfies readonly Thing[];
/** Of these alone the colour is told: of a motorcycle the picture shows its rider. */
export const COLOURED: readonly Thing[] = ['car', 'bus', 'truck'];
export const COLOURS = [
  'white',
  'black',
  'grey',
  'red',
  'blue',
  'green',
  'yellow',
  'brown',
] as const satisfies readonly Colour[];
export const SIDES = ['inside', 'outside'] as const satisfies readonly Side[];

/** x1, y1, x2, y2 in shares of the picture. */
export type Box = readonly [number, number, number, number];

export interface Query {
  /** UTC milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly things: readonly Thing[];
  readonly colour: Colour | '';
  readonly cameras: readonly string[];
  readonly area: string;
  readonly line: string;
  readonly side: Side | '';
  readonly box: Box | null;
}

export const PARTS = 96;
export const PAGE = 60;
const HOUR_MS = 3_600_000;

/** The last hour, of everything. */
export function lastHour(now: number): Query {
  const to = Math.ceil(now / 60_000) * 60_000;
  return {
    from: to - HOUR_MS,
    to,
    things: [],
    colour: '',
    cameras: [],
    area: '',
    line: '',
    side: '',
    box: null,
  };
}

/** What can be searched for: people, vehicles, and what else the site's models detect. */
export function allThings(): readonly Thing[] {
  return [...new Set([...THINGS, ...alertKinds.classes])];
}

/** The search of an address's question part; what is unknown there is left out. */
export function queryOf(search: string, now: number): Query {
  const asked = new URLSearchParams(search);
  const found = lastHour(now);
  const from = Number(asked.get('from'));
  const to = Number(asked.get('to'));
  const isSpan = Number.isFinite(from) && Number.isFinite(to) && from > 0 && to > from;
  return settled({
    ...found,
    ...(isSpan ? { from, to } : {}),
    things: allThings().filter((thing) => asked.getAll('class').includes(thing)),
    colour: COLOURS.find((colour) => colour === asked.get('colour')) ?? '',
    cameras: [...new Set(asked.getAll('camera').filter((id) => id !== ''))],
    area: asked.get('area') ?? '',
    line: asked.get('line') ?? '',
    side: SIDES.find((side) => side === asked.get('side')) ?? '',
    box: boxOf(asked.get('box')),
  });
}

/** The question part that shows this search. */
export function addressOf(query: Query): string {
  const asked = new URLSearchParams({ from: String(query.from), to: String(query.to) });
  for (const thing of query.things) asked.append('class', thing);
  for (const camera of query.cameras) asked.append('camera', camera);
  for (const name of ['colour', 'area', 'line', 'side'] as const) {
    if (query[name]) asked.set(name, query[name]);
  }
  if (query.box) asked.set('box', boxText(query.box));
  return `?${asked}`;
}

/** What the centre is asked for a page. */
export function askedOf(query: Query, cursor: string | null): QueryOf<'get', '/sightings'> {
  return {
    from: query.from / 1000,
    to: query.to / 1000,
    limit: PAGE,
    parts: PARTS,
    class: [...query.things],
    cameras: [...query.cameras],
    colour: query.colour || null,
    area: query.area || null,
    line: query.line || null,
    direction: query.side || null,
    box: query.box && boxText(query.box),
    cursor,
  };
}

/** Without what the rest of the search makes senseless: a line and a box are of one camera. */
export function settled(query: Query): Query {
  const one = query.cameras.length === 1;
  const coloured = query.things.length === 0 || query.things.some((it) => COLOURED.includes(it));
  return {
    ...query,
    colour: coloured ? query.colour : '',
    line: one ? query.line : '',
    side: one && query.line ? query.side : '',
    box: one ? query.box : null,
  };
}

/** A part of the period, made as long as a minute at least. */
export function narrowed(query: Query, part: number): Query {
  const step = (query.to - query.from) / PARTS;
  const from = Math.floor(query.from + part * step);
  return { ...query, from, to: Math.max(Math.ceil(from + step), from + 60_000) };
}

/** The box between two points of the picture; null where it is too small to mean anything. */
export function boxBetween(
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): Box | null {
  const [x1, x2] = [Math.min(a.x, b.x), Math.max(a.x, b.x)].map(share) as [number, number];
  const [y1, y2] = [Math.min(a.y, b.y), Math.max(a.y, b.y)].map(share) as [number, number];
  return x2 - x1 < 0.02 || y2 - y1 < 0.02 ? null : [x1, y1, x2, y2];
}

/** The picture of the moment at which it was seen best. */
export function stillOf(sighting: Sighting, width: number): string {
  const asked = new URLSearchParams({
    at: String(Date.parse(sighting.best_at) / 1000),
    width: String(width),
  });
  return `/api/v1/recordings/${encodeURIComponent(sighting.camera)}/still?${asked}`;
}

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}

function boxText(box: Box): string {
  return box.map((side) => side.toFixed(3)).join(',');
}

function boxOf(text: string | null): Box | null {
  const sides = (text ?? '').split(',').map(Number);
  const [x1, y1, x2, y2] = sides;
  if (sides.length !== 4 || sides.some((side) => Number.isNaN(side))) return null;
  return boxBetween({ x: x1 ?? 0, y: y1 ?? 0 }, { x: x2 ?? 0, y: y2 ?? 0 });
}
