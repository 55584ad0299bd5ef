/** What lies under the cameras: the site's outlines, tiles or streets, or a grid in metres. */

import * as L from 'leaflet';

import { api } from '../api/client';
import type { MapFacts } from '../place/places.svelte';
import type { Theme } from '../shell/theme.svelte';
import { gridOf } from './grid';
import { MAP_COLOURS } from './map-colours';

const FILES = '/api/v1/map/';

/** Why there is a grid although the site has a map. */
export type GroundTrouble = 'noWebGl' | 'failed';

/** Draws nothing more once `gone`: files come late, and a map that was removed takes no layer. */
export function drawGround(
  map: L.Map,
  facts: MapFacts | null,
  theme: Theme,
  trouble: (why: GroundTrouble) => void,
  gone: AbortSignal,
): void {
  if (facts === null) return drawGrid(map, theme);
  if (facts.kind === 'tiles') return drawTiles(map, facts);
  drawLoaded(map, facts, theme, gone).catch((error: unknown) => {
    if (gone.aborted) return;
    console.error('the map was not loaded', error);
    drawGrid(map, theme);
    trouble(error instanceof Error && error.name === 'NoWebGl' ? 'noWebGl' : 'failed');
  });
}

async function drawLoaded(
  map: L.Map,
  facts: MapFacts,
  theme: Theme,
  gone: AbortSignal,
): Promise<void> {
  if (facts.kind === 'outlines') return drawOutlines(map, facts, theme, gone);
  if (facts.kind === 'pmtiles') return drawPmtiles(map, facts, gone);
  const { drawStreets } = await import('./street-ground');
  await drawStreets(map, urlOf(facts), theme, gone);
}

/** Absolute: an archive is asked for by its whole address. */
function urlOf(facts: MapFacts): string {
  const version = facts.version ? `?v=${encodeURIComponent(facts.version)}` : '';
  return location.origin + FILES + encodeURIComponent(facts.path) + version;
}

async function drawOutlines(
  map: L.Map,
  facts: MapFacts,
  theme: Theme,
  gone: AbortSignal,
): Promise<void> {
  const file = await api.get('/map/{path}', { path: { path: facts.path } });
  const shapes = file as unknown as GeoJSON.GeoJsonObject;
  if (gone.aborted) return;
  const { land, border, water } = MAP_COLOURS[theme];
  const ground: L.PathOptions = { color: border, weight: 1, fillColor: land, fillOpacity: 1 };
  const wet: L.PathOptions = { stroke: false, fillColor: water, fillOpacity: 1 };
  const named = L.layerGroup().addTo(map);
  L.geoJSON(shapes, {
    interactive: false,
    style: (feature) => (isWater(feature) ? wet : ground),
    onEachFeature: (feature, layer) => {
      const name: unknown = feature.properties?.['name'];
      if (typeof name !== 'string' || isWater(feature) || !(layer instanceof L.Polygon)) return;
      const element = document.createElement('span');
      element.textContent = name;
      const icon = L.divIcon({ html: element, className: 'area-name', iconSize: [0, 0] });
      L.marker(layer.getBounds().getCenter(), { icon, interactive: false, keyboard: false }).addTo(
        named,
      );
    },
  })
    .addTo(map)
    .bringToBack();
}

function isWater(feature: GeoJSON.Feature | undefined): boolean {
  const facts = feature?.properties ?? {};
  return facts['natural'] === 'water' || facts['kind'] === 'water' || 'waterway' in facts;
}

function drawTiles(map: L.Map, facts: MapFacts): void {
  L.tileLayer(FILES + facts.path, {
    className: 'tiles',
    minNativeZoom: facts.min_zoom ?? 0,
    maxNativeZoom: facts.max_zoom ?? 18,
    maxZoom: 18,
  }).addTo(map);
}

async function drawPmtiles(map: L.Map, facts: MapFacts, gone: AbortSignal): Promise<void> {
  const { PMTiles, leafletRasterLayer } = await import('pmtiles');
  const source = new PMTiles(urlOf(facts));
  await source.getHeader();
  if (gone.aborted) return;
  (leafletRasterLayer(source, { className: 'tiles' }) as L.GridLayer).addTo(map);
}

function drawGrid(map: L.Map, theme: Theme): void {
  const color = MAP_COLOURS[theme].grid;
  const lines = L.layerGroup().addTo(map);
  const draw = () => {
    const view = map.getBounds().pad(0.2);
    const [south, west, north, east] = [
      view.getSouth(),
      view.getWest(),
      view.getNorth(),
      view.getEast(),
    ];
    const grid = gridOf({ south, west, north, east });
    lines.clearLayers();
    const line = (from: L.LatLngTuple, to: L.LatLngTuple) =>
      L.polyline([from, to], { color, weight: 1, interactive: false }).addTo(lines);
    for (const lat of grid.lats) line([lat, west], [lat, east]).bringToBack();
    for (const lon of grid.lons) line([south, lon], [north, lon]).bringToBack();
  };
  map.on('moveend resize', draw);
  draw();
}
