/**
 * Streets under the Leaflet map: MapLibre draws the site's vector archive on WebGL and follows the
 * Leaflet map's centre and zoom; everything above it stays Leaflet's. Loaded only where a site has
 * such a map.
 */

import type * as L from 'leaflet';
import { addProtocol, MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
// A file of our own origin: the content policy needs no `worker-src blob:`.
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { PMTiles, Protocol } from 'pmtiles';

import type { Theme } from '../shell/theme.svelte';
import { FONT, streetStyle } from './street-style';

/** Vietnamese letters stand in a file of their own; both are loaded before the first name is drawn. */
const LETTERS = 'Aaàếữđ';

let protocol: Protocol | null = null;

/** Throws where the browser has no WebGL, or the archive cannot be read. */
export async function drawStreets(
  map: L.Map,
  url: string,
  theme: Theme,
  gone: AbortSignal,
): Promise<void> {
  if (!hasWebGl()) throw new NoWebGl('this browser draws no WebGL');
  const archive = new PMTiles(url);
  await Promise.all([archive.getHeader(), document.fonts.load(`16px "${FONT}"`, LETTERS)]);
  if (gone.aborted) return; // the screen has gone on while the archive was asked
  const container = map.getContainer();
  ready().add(archive);
  const element = document.createElement('div');
  element.className = 'streets';
  element.style.cssText = 'position:absolute;inset:0;z-index:0';
  container.prepend(element);
  const streets = new MapLibreMap({
    container: element,
    style: streetStyle(`pmtiles://${url}`, theme),
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    localIdeographFontFamily: false,
    maxZoom: 24,
    ...viewOf(map),
  });
  streets.on('error', ({ error }) => console.warn('the street map', error));
  const follow = () => void streets.jumpTo(viewOf(map));
  map.on('move zoom viewreset resize', follow);
  map.on('unload', () => streets.remove());
}

/** Told apart by its name: this module is loaded only when it is needed. */
class NoWebGl extends Error {
  override readonly name = 'NoWebGl';
}

function ready(): Protocol {
  if (protocol) return protocol;
  protocol = new Protocol();
  addProtocol('pmtiles', protocol.tile);
  setWorkerUrl(workerUrl);
  return protocol;
}

/** Leaflet counts zoom for tiles of 256 px, MapLibre for 512. */
function viewOf(map: L.Map): { center: [number, number]; zoom: number } {
  const { lat, lng } = map.getCenter();
  return { center: [lng, lat], zoom: map.getZoom() - 1 };
}

function hasWebGl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}
