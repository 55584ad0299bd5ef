/**
 * The street map's style: the Protomaps basemap layers in the desk's dark colours, Vietnamese
 * names, one font. Nothing of it is fetched: glyphs are drawn by the browser from the screens' own
 * font, and layers that need a sprite's icons are left out. Pure.
 */

import type {
  ExpressionSpecification,
  LayerSpecification,
  StyleSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl';
import { layers, namedFlavor, type Flavor } from '@protomaps/basemaps';

const SOURCE = 'streets';
export const FONT = 'Be Vietnam Pro';

/** They are icons alone, and an officer at an alert has no use for them. */
const WITHOUT = new Set(['roads_oneway', 'roads_shields', 'landcover']);
/** What an officer names on the radio; cafés and benches are left out. */
const LANDMARKS = [
  'attraction',
  'college',
  'embassy',
  'ferry_terminal',
  'fire_station',
  'fuel',
  'hospital',
  'hotel',
  'mall',
  'marketplace',
  'museum',
  'park',
  'place_of_worship',
  'police',
  'post_office',
  'school',
  'stadium',
  'station',
  'supermarket',
  'theatre',
  'townhall',
  'university',
];
const IS_LANDMARK: ExpressionSpecification = ['in', ['get', 'kind'], ['literal', LANDMARKS]];
const NAME: ExpressionSpecification = ['coalesce', ['get', 'name:vi'], ['get', 'name']];

const LANDMARK = { 'text-color': '#93a6b6', 'text-halo-color': '#12181d', 'text-halo-width': 1 };

type SymbolLayout = NonNullable<SymbolLayerSpecification['layout']>;

/** Quieter than the stock dark colours: alerts are what shines on this map. */
const DARK: Partial<Flavor> = {
  background: '#0f1418',
  earth: '#12181d',
  water: '#16303f',
  park_a: '#15211c',
  park_b: '#15211c',
  wood_a: '#15211c',
  wood_b: '#15211c',
  buildings: '#1a2229',
  minor_a: '#303b46',
  minor_b: '#303b46',
  minor_service: '#232c34',
  other: '#232c34',
  link: '#34404b',
  major: '#43515e',
  highway: '#4a5866',
  roads_label_minor: '#93a6b6',
  roads_label_minor_halo: '#12181d',
  roads_label_major: '#b9c7d3',
  roads_label_major_halo: '#12181d',
  ocean_label: '#6f9ab5',
  subplace_label: '#9db0c0',
  subplace_label_halo: '#12181d',
  city_label: '#9db0c0',
  city_label_halo: '#12181d',
};

export function streetStyle(url: string): StyleSpecification {
  const flavor = { ...namedFlavor('dark'), ...DARK };
  const all = layers(SOURCE, flavor, { lang: 'vi' });
  return {
    version: 8,
    sources: { [SOURCE]: { type: 'vector', url } },
    layers: all.filter((layer) => !WITHOUT.has(layer.id)).map(withoutIcons),
  };
}

function withoutIcons(layer: LayerSpecification): LayerSpecification {
  if (layer.type !== 'symbol') return layer;
  const kept = Object.entries(layer.layout ?? {}).filter(([key]) => !key.startsWith('icon-'));
  const layout: SymbolLayout = { ...Object.fromEntries(kept), 'text-font': [FONT] };
  if (layer.id !== 'address_label') layout['text-field'] = NAME;
  // Capitals with two marks are too tall for a glyph: Ồ came out broken.
  delete layout['text-transform'];
  if (layer.id === 'places_locality') layout['text-anchor'] = 'center';
  const plain: SymbolLayerSpecification = { ...layer, layout };
  return layer.id === 'pois' ? { ...plain, filter: IS_LANDMARK, paint: LANDMARK } : plain;
}
