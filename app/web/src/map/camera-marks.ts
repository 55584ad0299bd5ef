/** Cameras on the map: a dot and the way it looks, a cross where it is blind, hatched blind areas. */

import * as L from 'leaflet';

import { isSeeing } from '../alert/blindness';
import type { Camera } from '../api/types';
import type { Theme } from '../shell/theme.svelte';
import { SIGHT_M, pointAt, type BlindArea } from './blind-areas';
import { blindMark } from './labels';
import { MAP_COLOURS } from './map-colours';

export type Placed = Camera & { lat: number; lon: number };

const HALF_CONE_DEG = 24;

export function drawCamera(
  layer: L.LayerGroup,
  camera: Placed,
  theme: Theme,
  withCone: boolean,
): void {
  const seeing = isSeeing(camera);
  const colours = MAP_COLOURS[theme];
  const at: L.LatLngTuple = [camera.lat, camera.lon];
  if (withCone && camera.bearing_deg !== null) {
    const turn = [-HALF_CONE_DEG, 0, HALF_CONE_DEG];
    const edge = turn.map((by) => pointAt(camera, (camera.bearing_deg ?? 0) + by, SIGHT_M / 2));
    L.polygon([at, ...edge], {
      stroke: false,
      fillColor: seeing ? colours.cone : colours.blind,
      fillOpacity: seeing ? 0.28 : 0.12,
      interactive: false,
    }).addTo(layer);
  }
  if (!seeing) return void blindMark(at).addTo(layer);
  L.circleMarker(at, {
    radius: 4.5,
    stroke: false,
    fillColor: colours.camera,
    fillOpacity: 1,
    interactive: false,
  }).addTo(layer);
}

export function drawBlind(layer: L.LayerGroup, area: BlindArea, renderer: L.Renderer): void {
  L.circle([area.lat, area.lon], {
    radius: area.radiusM,
    renderer,
    className: 'blind-area',
    interactive: false,
  }).addTo(layer);
}
