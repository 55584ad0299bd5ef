/**
 * The street map's style: the Protomaps basemap layers in the desk's colours, Vietnamese
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

import type { Theme } from '../shell/theme.svelte';

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

/** The same on white: grey streets, so that a pin stands out, and names of 4.5:1 on the ground. */
const LIGHT: Partial<Flavor> = {
  background: '#eef1f3',
  earth: '#fbfbf9',
  water: '#c3dcea',
  park_a: '#e2efe5',
  park_b: '#e2efe5',
  wood_a: '#e2efe5',
  wood_b: '#e2efe5',
  buildings: '#e4e8eb',
  minor_a: '#dfe4e8',
  minor_b: '#dfe4e8',
  minor_service: '#e9edf0',
  other: '#e9edf0',
  link: '#d0d8de',
  major: '#c3cdd5',
  highway: '#b3bfc9',
  roads_label_minor: '#56636e',
  roads_label_minor_halo: '#fbfbf9',
  roads_label_major: '#3b4853',
  roads_label_major_halo: '#fbfbf9',
  ocean_label: '#2f6485',
  subplace_label: '#475663',
  subplace_label_halo: '#fbfbf9',
  city_label: '#475663',
  city_label_halo: '#fbfbf9',
};

const OURS: Readonly<Record<Theme, Partial<Flavor>>> = { dark: DARK, light: LIGHT };

export function streetStyle(url: string, theme: Theme): StyleSpecification {
  const flavor = { ...namedFlavor(theme), ...OURS[theme] };
  const all = layers(SOURCE, flavor, { lang: 'vi' });
  return {
    version: 8,
    sources: { [SOURCE]: { type: 'vector', url } },
    layers: all
      .filter((layer) => !WITHOUT.has(layer.id))
      .map((layer) => withoutIcons(layer, flavor)),
  };
}

function withoutIcons(layer: LayerSpecification, flavor: Flavor): LayerSpecification {
  if (layer.type !== 'symbol') return layer;
  const kept = Object.entries(layer.layout ?? {}).filter(([key]) => !key.startsWith('icon-'));
  const layout: SymbolLayout = { ...Object.fromEntries(kept), 'text-font': [FONT] };
  if (layer.id !== 'address_label') layout['text-field'] = NAME;
  // Capitals with two marks are too tall for a glyph: Ồ came out broken.
  delete layout['text-transform'];
  if (layer.id === 'places_locality') layout['text-anchor'] = 'center';
  const plain: SymbolLayerSpecification = { ...layer, layout };
  if (layer.id !== 'pois') return plain;
  const paint = {
    'text-color': flavor.roads_label_minor,
    'text-halo-color': flavor.roads_label_minor_halo,
    'text-halo-width': 1,
  };
  return { ...plain, filter: IS_LANDMARK, paint };
}
