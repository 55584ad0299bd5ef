/** Ways and tracks on the map: a road as it is, a straight line dashed. */

import * as L from 'leaflet';

export interface MapLine {
  readonly key: string;
  readonly points: readonly (readonly [number, number])[];
  /** As the crow flies: no way that can be driven. */
  readonly isStraight: boolean;
}

export function drawLines(layer: L.LayerGroup, lines: readonly MapLine[], color: string): void {
  layer.clearLayers();
  for (const { points, isStraight } of lines)
    L.polyline(
      points.map(([lat, lon]): L.LatLngTuple => [lat, lon]),
      { color, weight: 4, opacity: 0.85, interactive: false, ...(isStraight ? DASHED : {}) },
    ).addTo(layer);
}

const DASHED = { dashArray: '6 8' } as const;
