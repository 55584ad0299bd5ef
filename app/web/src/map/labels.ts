/** Words that stand on the map: names of areas, codes of what is near, units with their age. */

import * as L from 'leaflet';

import type { UnitMark } from '../positions/live-units.svelte';
import type { LayerMark } from './layer-marks';
import { crossElement } from './marks';

/** Small, and nothing to an officer when an alert covers them. */
const LAYER_MARKS_AT = 20_000;
const UNITS_AT = 15_000;
/** Below the pin of an alert at its own place, whose number is read first. */
const BLIND_AT = -10_000;

export function label(at: L.LatLngTuple, text: string, className: string): L.Marker {
  const element = document.createElement('span');
  element.textContent = text;
  const icon = L.divIcon({ html: element, className, iconSize: [0, 0] });
  return L.marker(at, { icon, interactive: false, keyboard: false });
}

/** A camera that does not see. */
export function blindMark(at: L.LatLngTuple): L.Marker {
  const icon = L.divIcon({ html: crossElement(), className: 'blind-camera', iconSize: [18, 18] });
  return L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: BLIND_AT });
}

/** Draws hydrants, stations, access notes and facilities anew, by their codes. */
export function drawLayerMarks(
  layer: L.LayerGroup,
  marks: readonly LayerMark[],
  belowPins = false,
): void {
  layer.clearLayers();
  const at = belowPins ? -LAYER_MARKS_AT : LAYER_MARKS_AT;
  for (const { lat, lon, code, kind } of marks)
    label([lat, lon], code, `layer-mark ${kind}`).setZIndexOffset(at).addTo(layer);
}

/** Draws units anew; an old position is drawn as one. */
export function drawUnits(
  layer: L.LayerGroup,
  marks: readonly UnitMark[],
  words: (mark: UnitMark) => string,
): void {
  layer.clearLayers();
  for (const mark of marks)
    label([mark.lat, mark.lon], words(mark), mark.stale ? 'unit-mark stale' : 'unit-mark')
      .setZIndexOffset(UNITS_AT)
      .addTo(layer);
}
