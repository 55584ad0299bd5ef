/** The mark of a place that was searched or told of, with its circle of doubt. */

import * as L from 'leaflet';

import type { Spot } from './pins';

/** `above` draws over the cameras' canvas. */
export function spotMark(
  { lat, lon, doubtM }: Spot,
  color: string,
  above: L.Renderer,
): L.LayerGroup {
  const mark = L.circleMarker([lat, lon], {
    radius: 13,
    color,
    weight: 3,
    fill: false,
    interactive: false,
    renderer: above,
  });
  if (!doubtM) return L.layerGroup([mark]);
  const style = { color, weight: 1, fillOpacity: 0.12, interactive: false };
  return L.layerGroup([mark, L.circle([lat, lon], { radius: doubtM, ...style })]);
}
