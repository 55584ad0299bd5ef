/** Ways and tracks on the map: a road as it is, a straight line dashed. */

import * as L from 'leaflet';

import { checkPlace, drawEach } from './each-mark';

export interface MapLine {
  readonly key: string;
  readonly points: readonly (readonly [number, number])[];
  /** As the crow flies: no way that can be driven. */
  readonly isStraight: boolean;
}

/** Returns how many could not be drawn. */
export function drawLines(layer: L.LayerGroup, lines: readonly MapLine[], color: string): number {
  layer.clearLayers();
  const drawn = drawEach(lines, ({ points, isStraight }) => {
    for (const [lat, lon] of points) checkPlace({ lat, lon });
    L.polyline(
      points.map(([lat, lon]): L.LatLngTuple => [lat, lon]),
      { color, weight: 4, opacity: 0.85, interactive: false, ...(isStraight ? DASHED : {}) },
    ).addTo(layer);
  });
  return lines.length - drawn.length;
}

const DASHED = { dashArray: '6 8' } as const;
