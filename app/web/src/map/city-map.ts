/**
 * The city on Leaflet: ground (the site's own outlines or tiles, or a grid), cameras with the way
 * they look, blind areas, alerts. Nothing is fetched but the site's own map from the centre.
 */

import * as L from 'leaflet';
import 'leaflet/dist/leaflet.css';

import { isSeeing } from '../alert/blindness';
import type { Camera } from '../api/types';
import type { MapFacts } from '../place/places.svelte';
import type { Theme } from '../shell/theme.svelte';
import { SIGHT_M, blindAreas, pointAt, type BlindArea } from './blind-areas';
import type { UnitMark } from '../positions/live-units.svelte';
import type { Ring } from '../watch_areas/rings';
import type { LayerMark } from './layer-marks';
import { drawBlind, drawCamera, type Placed } from './camera-marks';
import { reachAt, roomsBeside, type Corner } from './clear-of';
import { checkPlace, drawEach } from './each-mark';
import { CLOSEST_ZOOM, frame } from './framing';
import { drawGround, type GroundTrouble } from './ground';
import { MAP_COLOURS } from './map-colours';
import {
  drawLayerMarks,
  drawRings,
  drawUnits,
  label,
  nameBlind,
  type BlindWords,
  type UnitWords,
} from './labels';
import { drawLines, type MapLine } from './map-lines';
import { pinElement, placeName, type NamedPin } from './marks';
import { namePlaces } from './name-places';
import type { Pin, Point, Spot } from './pins';
import { spotMark } from './spot-mark';
import { addZoomButtons } from './zoom-buttons';

const HANOI: L.LatLngTuple = [21.0285, 105.8542];
/** About 800 m across a card of the desk: the alert's block and the streets that lead to it. */
const FOCUS_ZOOM = 16;
/** Streets have their names from here on. */
const LEAST_SPOT_ZOOM = 14;
/** Beyond so many cameras their directions would be a thicket. */
const MOST_CONES = 600;
/** Above units and codes, whichever stand farther south. */
const PINS_AT = 1_000_000;

export interface MapSettings {
  readonly facts: MapFacts | null;
  readonly theme: Theme;
  readonly areaName: (id: string) => string;
  /** A wall is only looked at. */
  readonly fixed: boolean;
  /** Shown close up, wherever the cameras are; without it all cameras are framed. */
  readonly focus?: Point;
  readonly trouble: (why: GroundTrouble) => void;
}

export class CityMap {
  readonly #map: L.Map;
  readonly #cameras = L.layerGroup();
  readonly #blind = L.layerGroup();
  readonly #blindNames = L.layerGroup();
  readonly #layerMarks = L.layerGroup();
  readonly #lines = L.layerGroup();
  readonly #units = L.layerGroup();
  readonly #pins = L.layerGroup();
  readonly #rings = L.layerGroup();
  readonly #hatched = L.svg({ padding: 0.5 });
  #pinElements = new Map<string, HTMLElement>();
  #shown = '';
  #seen = '';
  /** Cameras and blind areas that could not be drawn. */
  #lost = 0;
  readonly #resized: ResizeObserver;
  readonly #gone = new AbortController();

  constructor(
    element: HTMLElement,
    private readonly settings: MapSettings,
  ) {
    const still = settings.fixed;
    this.#map = L.map(element, {
      attributionControl: false,
      zoomControl: false,
      dragging: !still,
      scrollWheelZoom: !still && !settings.focus, // a card's page scrolls under the wheel
      doubleClickZoom: !still,
      boxZoom: !still,
      keyboard: !still,
      zoomAnimation: false,
      fadeAnimation: false,
      markerZoomAnimation: false,
      zoomSnap: 0.25,
      preferCanvas: true,
      maxZoom: CLOSEST_ZOOM,
    }).setView(HANOI, 14);
    if (!still) addZoomButtons(this.#map);
    const corner = still ? 'topright' : 'bottomleft'; // the other corners of a wall's map are taken
    L.control.scale({ imperial: false, position: corner }).addTo(this.#map);
    if (settings.focus) this.focusOn(settings.focus);
    drawGround(this.#map, settings.facts, settings.theme, settings.trouble, this.#gone.signal);
    this.#map.on('zoomend resize moveend', () => this.#makeRoom());
    for (const layer of [
      this.#blind,
      this.#blindNames,
      this.#cameras,
      this.#rings,
      this.#lines,
      this.#layerMarks,
      this.#units,
      this.#pins,
    ])
      layer.addTo(this.#map);
    this.#resized = new ResizeObserver(() => {
      this.#map.invalidateSize({ animate: false });
      this.#fit();
    });
    this.#resized.observe(element);
  }

  /** Moves a close map to another place. */
  focusOn({ lat, lon }: Point): void {
    this.#map.setView([lat, lon], FOCUS_ZOOM, { animate: false });
  }

  /**
   * Draws the cameras anew when one of them changed, and frames them when they moved. As all that
   * shows marks, returns how many could not be drawn.
   */
  showCameras(cameras: readonly Camera[], words: BlindWords): number {
    const known = cameras.filter(hasPlace);
    const placed = drawEach(known, checkPlace);
    const now = placed.map((each) => `${each.id} ${isSeeing(each)} ${each.since}`).join('|');
    if (now === this.#shown) return this.#lost;
    this.#shown = now;
    this.#cameras.clearLayers();
    this.#blind.clearLayers();
    this.#drawAreas(placed);
    const blind = blindAreas(placed.filter((camera) => !isSeeing(camera)));
    const areas = drawEach(blind, (area) => drawBlind(this.#blind, area, this.#hatched));
    [this.#blindAreas, this.#blindWords] = [areas, words];
    this.#nameBlind();
    const withCones = placed.length <= MOST_CONES;
    const drawn = drawEach(placed, (camera) =>
      drawCamera(this.#cameras, camera, this.settings.theme, withCones),
    );
    this.#lost = known.length - drawn.length + blind.length - areas.length;
    const places = placed.map((each) => `${each.lat} ${each.lon}`).join('|');
    if (places === this.#seen) return this.#lost;
    this.#seen = places;
    this.#bounds = L.latLngBounds(placed.map((each): L.LatLngTuple => [each.lat, each.lon]));
    this.#fit();
    return this.#lost;
  }

  /** Marks a place that was searched, and moves there; how close one looked stays. Null: no mark. */
  showSpot(spot: Spot | null): void {
    this.#spot?.remove();
    this.#spot = null;
    if (spot === null) return;
    this.#held = true;
    const colour = MAP_COLOURS[this.settings.theme].spot;
    this.#spot = spotMark(spot, colour, this.#hatched).addTo(this.#map);
    const isInView = this.#map.getBounds().pad(-0.1).contains([spot.lat, spot.lon]);
    const zoom = Math.max(this.#map.getZoom(), LEAST_SPOT_ZOOM);
    if (!isInView || zoom > this.#map.getZoom())
      this.#map.setView([spot.lat, spot.lon], zoom, { animate: false });
  }

  /** Marks hydrants, stations and access notes by their codes. */
  showLayerMarks(marks: readonly LayerMark[]): number {
    this.#marked = drawEach(marks, checkPlace);
    this.#makeRoom();
    return marks.length - this.#marked.length;
  }

  /** Draws ways and tracks. */
  showLines(lines: readonly MapLine[]): number {
    return drawLines(this.#lines, lines, MAP_COLOURS[this.settings.theme].spot);
  }

  /** Marks units by their names and the age of their positions; close ones by their number. */
  showUnits(marks: readonly UnitMark[], words: UnitWords): number {
    this.#unitMarks = marks;
    this.#unitWords = words;
    return this.#drawUnits();
  }

  /** Marks the cameras of temporary watch areas, with the area's name above them. */
  showRings(rings: readonly Ring[]): number {
    const colour = MAP_COLOURS[this.settings.theme].spot;
    return drawRings(this.#rings, rings, colour, this.#hatched);
  }

  /** Draws the alerts; `ages` is asked again every second by `tick`. */
  showPins(pins: readonly NamedPin[]): number {
    this.#pins.clearLayers();
    this.#pinElements = new Map();
    const drawn = drawEach([...pins].reverse(), (pin, i) => {
      checkPlace(pin);
      const element = pinElement(pin);
      this.#pinElements.set(pin.key, element);
      L.marker([pin.lat, pin.lon], {
        icon: L.divIcon({ html: element, className: 'pin-anchor', iconSize: [0, 0] }),
        interactive: false,
        keyboard: false,
        zIndexOffset: PINS_AT + i * 10_000, // nothing lies over the graver, however far south
      }).addTo(this.#pins);
    });
    this.#pinned = drawn.reverse();
    if (this.settings.fixed) this.#fit();
    this.#makeRoom();
    return pins.length - this.#pinned.length;
  }

  /** Keeps what is framed clear of what lies over the corners of the map. */
  keepClearOf(corners: readonly Corner[]): void {
    this.#corners = corners;
    this.#fit();
    this.#makeRoom();
  }

  tick(pins: readonly Pin[], age: (pin: Pin) => string): void {
    for (const pin of pins) {
      const told = this.#pinElements.get(pin.key)?.querySelector('.pin-age');
      if (told) told.textContent = age(pin);
    }
  }

  remove(): void {
    this.#gone.abort();
    this.#resized.disconnect();
    this.#map.remove();
  }

  #spot: L.LayerGroup | null = null;
  /** A place was asked for: the cameras are no longer framed. */
  #held = false;
  #bounds = L.latLngBounds([]);
  #pinned: readonly Pin[] = [];
  #marked: readonly LayerMark[] = [];
  #corners: readonly Corner[] = [];
  #unitMarks: readonly UnitMark[] = [];
  #unitWords: UnitWords | null = null;
  #blindAreas: readonly BlindArea[] = [];
  #blindWords: BlindWords | null = null;

  #makeRoom(): void {
    const marks = this.#pinned.map((pin) => this.#map.latLngToContainerPoint([pin.lat, pin.lon]));
    const { y: height } = this.#map.getSize();
    const grave = this.#pinned.findLastIndex((pin) => pin.severity === 'p1') + 1;
    const names = namePlaces(marks, (y) => reachAt(this.#corners, y, height), grave);
    this.#pinned.forEach(({ key }, i) => placeName(this.#pinElements.get(key), names[i] ?? null));
    const pins = this.settings.fixed ? [...this.#pinElements.values()] : null;
    drawLayerMarks(this.#layerMarks, this.#marked, this.#map, pins);
    this.#nameBlind();
    this.#drawUnits();
  }

  #drawUnits(): number {
    const pins = [...this.#pinElements.values()];
    const words = this.#unitWords;
    return words ? drawUnits(this.#units, this.#unitMarks, words, this.#map, pins) : 0;
  }

  #nameBlind(): void {
    const pins = [...this.#pinElements.values()];
    const words = this.#blindWords;
    if (words) nameBlind(this.#blindNames, this.#blindAreas, words, this.#map, pins);
  }

  #fit(): void {
    if (this.settings.focus || this.#held || !this.#bounds.isValid()) return;
    // all cameras; on a map that nobody moves, every alert too
    const pins = this.settings.fixed ? this.#pinned : [];
    frame(this.#map, this.#bounds, pins, roomsBeside(this.#corners));
  }

  /** Each area's name below the middle of its cameras, for those who know the city. */
  #drawAreas(cameras: readonly Placed[]): void {
    if (this.settings.focus || this.settings.facts?.kind === 'outlines') return;
    const byArea = new Map<string, Placed[]>();
    for (const camera of cameras)
      if (camera.area) byArea.set(camera.area, [...(byArea.get(camera.area) ?? []), camera]);
    for (const [id, here] of byArea) {
      // Below them: the name of a blind area stands above it.
      const south = Math.min(...here.map((each) => each.lat));
      const lon = here.reduce((sum, each) => sum + each.lon, 0) / here.length;
      const at = pointAt({ lat: south, lon }, 180, SIGHT_M * 1.1);
      label(at, this.settings.areaName(id), 'area-name').addTo(this.#cameras);
    }
  }
}

function hasPlace(camera: Camera): camera is Placed {
  return camera.lat !== null && camera.lon !== null;
}
