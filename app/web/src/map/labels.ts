/** Words that stand on the map: names of areas, codes of what is near, units with their age. */

import * as L from 'leaflet';

import type { UnitMark } from '../positions/live-units.svelte';
import type { Ring } from '../watch_areas/rings';
import { SIGHT_M, pointAt, type BlindArea } from './blind-areas';
import { clearOfWords } from './clear-of-words';
import { clustersOf, coversAny, type Box } from './overlaps';
import { checkPlace, drawEach } from './each-mark';
import type { LayerMark } from './layer-marks';
import { crossElement } from './marks';

/** Small, and nothing to an officer when an alert covers them. */
const LAYER_MARKS_AT = 20_000;
const UNITS_AT = 15_000;
/** Below the pin of an alert at its own place, whose number is read first. */
const BLIND_AT = -10_000;
/** As far as the rings of a pin reach (`pins.css`). */
const RINGS_PX = 13;

/** `by` moves it on the screen, in pixels. */
export function label(
  at: L.LatLngTuple,
  text: string,
  className: string,
  by = { x: 0, y: 0 },
): L.Marker {
  const element = document.createElement('span');
  element.textContent = text;
  const iconAnchor: L.PointTuple = [-by.x, -by.y];
  const icon = L.divIcon({ html: element, className, iconSize: [0, 0], iconAnchor });
  return L.marker(at, { icon, interactive: false, keyboard: false });
}

/** A camera that does not see. */
export function blindMark(at: L.LatLngTuple): L.Marker {
  const icon = L.divIcon({ html: crossElement(), className: 'blind-camera', iconSize: [18, 18] });
  return L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: BLIND_AT });
}

/**
 * Draws the cameras of temporary watch areas anew, with the area's name above them. Returns how many
 * areas could not be drawn.
 */
export function drawRings(
  layer: L.LayerGroup,
  rings: readonly Ring[],
  color: string,
  renderer: L.Renderer,
): number {
  layer.clearLayers();
  const dashed = { weight: 2, dashArray: '4 3', fill: false };
  const drawn = drawEach(rings, ({ name, points }) => {
    for (const [lat, lon] of points) {
      checkPlace({ lat, lon });
      const style = { radius: 11, color, ...dashed, interactive: false, renderer };
      L.circleMarker([lat, lon], style).addTo(layer);
    }
    const north = Math.max(...points.map(([lat]) => lat));
    const middle = points.reduce((sum, [, lon]) => sum + lon, 0) / points.length;
    const at = pointAt({ lat: north, lon: middle }, 0, SIGHT_M / 2);
    label(at, name, 'area-name').addTo(layer);
  });
  return rings.length - drawn.length;
}

/**
 * Draws hydrants, stations, access notes and facilities anew, by their codes. On a wall's map of a
 * whole city they would cover the alert that they belong to: below its pins, beside their words.
 */
export function drawLayerMarks(
  layer: L.LayerGroup,
  marks: readonly LayerMark[],
  map: L.Map,
  pins: readonly HTMLElement[] | null,
): void {
  layer.clearLayers();
  const points = marks.map(({ lat, lon }) => map.latLngToContainerPoint([lat, lon]));
  const placed = pins ? clearOfWords(points, boxesIn(map, pins)) : points;
  marks.forEach(({ lat, lon, code, kind }, i) => {
    const [to, from] = [placed[i] ?? L.point(0, 0), points[i] ?? L.point(0, 0)];
    const by = { x: to.x - from.x, y: to.y - from.y };
    label([lat, lon], code, `layer-mark ${kind}`, by)
      .setZIndexOffset(pins ? -LAYER_MARKS_AT : LAYER_MARKS_AT)
      .addTo(layer);
  });
}

/** Of each pin its mark with the rings round it, and its words. */
function boxesIn(map: L.Map, pins: readonly HTMLElement[]): readonly Box[] {
  const whole = map.getContainer().getBoundingClientRect();
  const box = (element: Element | null, rings: number): Box => {
    const { left, top, right, bottom } = element?.getBoundingClientRect() ?? new DOMRect();
    return {
      left: left - whole.left - rings,
      top: top - whole.top - rings,
      right: right - whole.left + rings,
      bottom: bottom - whole.top + rings,
    };
  };
  return pins.flatMap((pin) => [
    box(pin.querySelector('svg'), RINGS_PX),
    box(pin.querySelector('.pin-words'), 0),
  ]);
}

/** Nearer to each other than this, units are one mark with their number. */
const UNITS_PX = 64;
const UNIT_WORDS_PX = 150;

export interface UnitWords {
  readonly one: (mark: UnitMark) => string;
  readonly many: (count: number) => string;
}

/**
 * Draws units anew: those that would cover one another as one with their number, an old position as
 * one. Words that would lie over a pin give way. Returns how many could not be drawn.
 */
export function drawUnits(
  layer: L.LayerGroup,
  marks: readonly UnitMark[],
  words: UnitWords,
  map: L.Map,
  pins: readonly HTMLElement[],
): number {
  layer.clearLayers();
  const drawn = drawEach(marks, checkPlace);
  const points = drawn.map(({ lat, lon }) => map.latLngToContainerPoint([lat, lon]));
  const boxes = boxesIn(map, pins);
  for (const [first = 0, ...others] of clustersOf(points, UNITS_PX)) {
    const mark = drawn[first] as UnitMark;
    const isCovered = coversAny(points[first] ?? L.point(0, 0), UNIT_WORDS_PX, boxes);
    const text =
      others.length > 0 ? words.many(others.length + 1) : isCovered ? '' : words.one(mark);
    const isStale = mark.stale && others.length === 0;
    label([mark.lat, mark.lon], text, isStale ? 'unit-mark stale' : 'unit-mark')
      .setZIndexOffset(UNITS_AT)
      .addTo(layer);
  }
  return marks.length - drawn.length;
}

/** Nearer to each other than this, blind areas have one name. */
const BLIND_NAMES_PX = 140;

/** Names blind areas, those that stand together by their number; a name that would lie over a pin is left out. */
export function nameBlind(
  layer: L.LayerGroup,
  areas: readonly BlindArea[],
  words: BlindWords,
  map: L.Map,
  pins: readonly HTMLElement[],
): void {
  layer.clearLayers();
  const tops = areas.map((area) => pointAt(area, 0, area.radiusM));
  const points = tops.map((top) => map.latLngToContainerPoint(top));
  const boxes = boxesIn(map, pins);
  for (const [first = 0, ...others] of clustersOf(points, BLIND_NAMES_PX)) {
    const area = areas[first] as BlindArea;
    if (coversAny(points[first] ?? L.point(0, 0), BLIND_NAMES_PX, boxes)) continue;
    const text = others.length > 0 ? words.blindPlaces(others.length + 1) : words.blind(area);
    label(tops[first] ?? [area.lat, area.lon], text, 'blind-name').addTo(layer);
  }
}

export interface BlindWords {
  /** Of a blind area: how many cameras, since when. */
  readonly blind: (area: BlindArea) => string;
  readonly blindPlaces: (count: number) => string;
}
