/** The buttons that bring a map closer and take it away, in the reader's language. */

import * as L from 'leaflet';

import { i18n } from '../i18n/i18n.svelte';

export function addZoomButtons(map: L.Map): void {
  const { zoomIn, zoomOut } = i18n.t.map;
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
}
