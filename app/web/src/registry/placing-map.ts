/** A small map on which a camera is put by a click or a drag, and turned by a handle in front of it. */

import * as L from 'leaflet';
import 'leaflet/dist/leaflet.css';

import { pointAt } from '../map/blind-areas';
import { drawGround, type GroundTrouble } from '../map/ground';
import { MAP_COLOURS } from '../map/map-colours';
import { addZoomButtons } from '../map/zoom-buttons';
import type { MapFacts } from '../place/places.svelte';
import type { Theme } from '../shell/theme.svelte';
import { bearingBetween, type Place } from './placing';

const HANOI: L.LatLngTuple = [21.0285, 105.8542];
const FAR_ZOOM = 13;
const NEAR_ZOOM = 17;
/** How far in front of the camera its handle stands. */
const HANDLE_PX = 64;
const HALF_CONE_DEG = 24;
/** A camera without a direction is turned from here. */
const NORTH = 0;

export interface PlacingSettings {
  readonly facts: MapFacts | null;
  readonly theme: Theme;
  readonly trouble: (why: GroundTrouble) => void;
  readonly placed: (place: Place) => void;
  readonly turned: (bearing: number) => void;
  readonly others: readonly Place[];
}

export class PlacingMap {
  readonly #map: L.Map;
  readonly #own = L.layerGroup();
  readonly #resized: ResizeObserver;
  readonly #gone = new AbortController();
  #place: Place | null = null;
  #bearing: number | null = null;
  /** What is dragged is not drawn anew under the hand. */
  #dragging = false;

  constructor(
    element: HTMLElement,
    private readonly settings: PlacingSettings,
  ) {
    this.#map = L.map(element, {
      attributionControl: false,
      zoomControl: false,
      zoomAnimation: false,
      fadeAnimation: false,
      markerZoomAnimation: false,
      maxZoom: 18,
    }).setView(HANOI, FAR_ZOOM);
    drawGround(this.#map, settings.facts, settings.theme, settings.trouble, this.#gone.signal);
    addZoomButtons(this.#map);
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(this.#map);
    const fillColor = MAP_COLOURS[settings.theme].camera;
    for (const { lat, lon } of settings.others)
      L.circleMarker([lat, lon], {
        radius: 3,
        stroke: false,
        fillColor,
        fillOpacity: 0.8,
        interactive: false,
      }).addTo(this.#map);
    this.#own.addTo(this.#map);
    this.#map.on('click', (event) => this.#put(event.latlng));
    this.#map.on('zoomend', () => this.#draw());
    this.#resized = new ResizeObserver(() => this.#map.invalidateSize({ animate: false }));
    this.#resized.observe(element);
  }

  /** Shows what the fields say; the first place is gone to. */
  show(place: Place | null, bearing: number | null): void {
    const isFirst = this.#place === null;
    this.#place = place;
    this.#bearing = bearing;
    if (place && isFirst) this.#map.setView([place.lat, place.lon], NEAR_ZOOM, { animate: false });
    if (!this.#dragging) this.#draw();
  }

  remove(): void {
    this.#gone.abort();
    this.#resized.disconnect();
    this.#map.remove();
  }

  #put({ lat, lng }: L.LatLng): void {
    this.settings.placed({ lat, lon: lng });
  }

  #draw(): void {
    this.#own.clearLayers();
    const place = this.#place;
    if (place === null) return;
    const ahead = this.#handleAt(place);
    if (this.#bearing !== null) this.#drawCone(place, this.#bearing);
    L.polyline([[place.lat, place.lon], ahead], {
      color: MAP_COLOURS[this.settings.theme].spot,
      weight: 1,
      dashArray: '4 4',
      interactive: false,
    }).addTo(this.#own);
    this.#mark([place.lat, place.lon], 'placed', (at) => this.#put(at));
    this.#mark(ahead, 'turned', (at) => this.#turn(place, at));
  }

  #drawCone(place: Place, bearing: number): void {
    const metres = this.#metres(place, HANDLE_PX * 0.8);
    const edge = [-HALF_CONE_DEG, 0, HALF_CONE_DEG].map((by) =>
      pointAt(place, bearing + by, metres),
    );
    L.polygon([[place.lat, place.lon], ...edge], {
      stroke: false,
      fillColor: MAP_COLOURS[this.settings.theme].cone,
      fillOpacity: 0.45,
      interactive: false,
    }).addTo(this.#own);
  }

  #mark(at: L.LatLngTuple, className: string, moved: (at: L.LatLng) => void): void {
    const size = className === 'placed' ? 22 : 18;
    const icon = L.divIcon({ className: `hold ${className}`, iconSize: [size, size] });
    const marker = L.marker(at, { icon, draggable: true, keyboard: false }).addTo(this.#own);
    marker.on('dragstart', () => (this.#dragging = true));
    marker.on('drag', () => moved(marker.getLatLng()));
    marker.on('dragend', () => {
      this.#dragging = false;
      this.#draw();
    });
    marker.on('click', (event) => L.DomEvent.stop(event));
  }

  #turn(place: Place, { lat, lng }: L.LatLng): void {
    this.settings.turned(bearingBetween(place, { lat, lon: lng }));
  }

  #handleAt(place: Place): L.LatLngTuple {
    return pointAt(place, this.#bearing ?? NORTH, this.#metres(place, HANDLE_PX));
  }

  #metres({ lat, lon }: Place, px: number): number {
    const here = this.#map.latLngToContainerPoint([lat, lon]);
    const there = this.#map.containerPointToLatLng(here.add([px, 0]));
    return this.#map.distance([lat, lon], there);
  }
}
