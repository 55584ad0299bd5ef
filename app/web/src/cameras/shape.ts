/**
 * A zone, a line or a mask as it is drawn on a picture, what is still wrong with it, and the
 * configuration text that says the same. Points are 0..1 from the top left. Pure.
 */

import type { components } from '../api/schema';
import { idOf, type CameraEntry } from '../registry/entry';

/** `mask`: nothing is detected there; `privacy`: nobody sees what is there. */
export type Tool = 'zone' | 'line' | 'mask' | 'privacy';
export const TOOLS: readonly Tool[] = ['zone', 'line', 'mask', 'privacy'];
const NAMED: ReadonlySet<Tool> = new Set<Tool>(['zone', 'line']);

export function hasName(tool: Tool): boolean {
  return NAMED.has(tool);
}

type Shapes = components['schemas']['CameraShapesResponse'];

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Drawing {
  readonly tool: Tool;
  readonly points: readonly Point[];
  /** Which side of a line is inside. */
  readonly flipped: boolean;
}

export type Problem =
  'too_few' | 'no_area' | 'crosses_itself' | 'same_point' | 'no_name' | 'id_taken';

const MOST_POINTS: Record<Tool, number> = { zone: 40, mask: 40, privacy: 40, line: 2 };
const LEAST_POINTS: Record<Tool, number> = { zone: 3, mask: 3, privacy: 3, line: 2 };
/** The written precision: a thousandth of the picture. */
const DIGITS = 3;
const INSIDE_DISTANCE = 0.12;

export function emptyDrawing(tool: Tool): Drawing {
  return { tool, points: [], flipped: false };
}

export function isFull({ tool, points }: Drawing): boolean {
  return points.length >= MOST_POINTS[tool];
}

export function withPoint(drawing: Drawing, point: Point): Drawing {
  return isFull(drawing) ? drawing : { ...drawing, points: [...drawing.points, within(point)] };
}

export function withMoved(drawing: Drawing, index: number, point: Point): Drawing {
  const points = drawing.points.map((each, i) => (i === index ? within(point) : each));
  return { ...drawing, points };
}

export function without(drawing: Drawing, index: number): Drawing {
  return { ...drawing, points: drawing.points.filter((_, i) => i !== index) };
}

/** The point nearest to this one, if it is nearer than `reach`; `ratio` is width over height. */
export function nearest(drawing: Drawing, to: Point, reach: number, ratio: number): number | null {
  let found: number | null = null;
  let best = reach;
  drawing.points.forEach((point, i) => {
    const distance = Math.hypot(point.x - to.x, (point.y - to.y) / ratio);
    if (distance <= best) [found, best] = [i, distance];
  });
  return found;
}

/** A point on the inside of a line: beside its middle, on the side that was chosen. */
export function insideOf({ points, flipped }: Drawing): Point | null {
  const [a, b] = points;
  if (!a || !b || same(a, b)) return null;
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const side = flipped ? -INSIDE_DISTANCE : INSIDE_DISTANCE;
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  return within({
    x: middle.x - ((b.y - a.y) / length) * side,
    y: middle.y + ((b.x - a.x) / length) * side,
  });
}

export function problemsOf(
  drawing: Drawing,
  named: { readonly name: string; readonly taken: readonly string[] },
): readonly Problem[] {
  const { tool, points } = drawing;
  const problems: Problem[] = [];
  if (points.length < LEAST_POINTS[tool]) problems.push('too_few');
  else if (tool === 'line' && insideOf(drawing) === null) problems.push('same_point');
  else if (tool !== 'line' && area(points) < 1e-4) problems.push('no_area');
  else if (tool !== 'line' && crossesItself(points)) problems.push('crosses_itself');
  if (hasName(tool) && named.name.trim() === '') problems.push('no_name');
  if (hasName(tool) && named.taken.includes(idOf(named.name))) problems.push('id_taken');
  return problems;
}

/** The text to put below the camera's own `[[cameras]]`; a mask is a line of that table itself. */
export function toToml(drawing: Drawing, name: string): string {
  const points = `[${drawing.points.map(pair).join(', ')}]`;
  if (drawing.tool === 'mask') return `masks = [${points}]\n`;
  if (drawing.tool === 'privacy') return `privacy_masks = [${points}]\n`;
  const table = drawing.tool === 'zone' ? 'cameras.zones' : 'cameras.lines';
  const head = [`[[${table}]]`, `id = ${quoted(idOf(name))}`, `name = ${quoted(name.trim())}`];
  if (drawing.tool === 'zone') return [...head, `polygon = ${points}`, ''].join('\n');
  const inside = insideOf(drawing);
  const told = inside ? [`inside = ${pair(inside)}`] : [];
  return [...head, `points = ${points}`, ...told, ''].join('\n');
}

/** What the registry's camera becomes with this drawing in it. */
export function patchWith(
  entry: Pick<CameraEntry, 'zones' | 'lines' | 'masks' | 'privacy_masks'>,
  drawing: Drawing,
  name: string,
): Partial<CameraEntry> {
  const points = drawing.points.map(rounded);
  const named = { id: idOf(name), name: name.trim() };
  const inside = insideOf(drawing);
  switch (drawing.tool) {
    case 'mask':
      return { masks: [...(entry.masks ?? []), points] };
    case 'privacy':
      return { privacy_masks: [...(entry.privacy_masks ?? []), points] };
    case 'zone':
      return { zones: [...(entry.zones ?? []), { ...named, polygon: points }] };
    case 'line':
      return inside
        ? { lines: [...(entry.lines ?? []), { ...named, points, inside: rounded(inside) }] }
        : {};
  }
}

/**
 * What there is on a picture: what is in force there, with what else stands in an entry, which may
 * be only a part of it, as the zones of a watch area.
 */
export function shapesWith(
  inForce: Shapes | null,
  entry: Pick<CameraEntry, 'zones' | 'lines' | 'masks'> | null,
): Shapes | null {
  if (!entry) return inForce;
  const zones = (entry.zones ?? []).map((zone) => ({ ...zone, polygon: copied(zone.polygon) }));
  const lines = (entry.lines ?? []).map((line) => ({
    ...line,
    points: copied(line.points),
    inside: [line.inside[0], line.inside[1]] as [number, number],
  }));
  return {
    zones: byKey([...(inForce?.zones ?? []), ...zones], (zone) => zone.id),
    lines: byKey([...(inForce?.lines ?? []), ...lines], (line) => line.id),
    masks: byKey([...(inForce?.masks ?? []), ...(entry.masks ?? []).map(copied)], String),
  };
}

/** One of each key, the last. */
function byKey<Of>(all: readonly Of[], keyOf: (one: Of) => string): Of[] {
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

function copied(points: readonly (readonly [number, number])[]): [number, number][] {
  return points.map(([x, y]) => [x, y]);
}

function rounded({ x, y }: Point): readonly [number, number] {
  return [Number(x.toFixed(DIGITS)), Number(y.toFixed(DIGITS))];
}

function pair({ x, y }: Point): string {
  return `[${number(x)}, ${number(y)}]`;
}

/** TOML tells whole numbers from others: `1` would not be a share. */
function number(value: number): string {
  const text = String(Number(value.toFixed(DIGITS)));
  return text.includes('.') ? text : `${text}.0`;
}

function quoted(text: string): string {
  // TOML's basic strings take JSON's escapes.
  return JSON.stringify(text);
}

function within({ x, y }: Point): Point {
  return { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) };
}

function same(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) < 1e-3 && Math.abs(a.y - b.y) < 1e-3;
}

/** Shoelace formula. */
function area(points: readonly Point[]): number {
  const twice = edges(points).reduce((sum, [a, b]) => sum + a.x * b.y - b.x * a.y, 0);
  return Math.abs(twice) / 2;
}

type Edge = readonly [Point, Point];

function edges(points: readonly Point[]): readonly Edge[] {
  return points.map((point, i) => [point, points[(i + 1) % points.length] as Point]);
}

function crossesItself(points: readonly Point[]): boolean {
  const sides = edges(points);
  return sides.some((one, i) =>
    sides.some((other, j) => {
      const apart = Math.abs(i - j);
      return apart > 1 && apart < sides.length - 1 && cross(one, other);
    }),
  );
}

function cross([a, b]: Edge, [c, d]: Edge): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

function side(a: Point, b: Point, p: Point): number {
  return Math.sign((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x));
}
