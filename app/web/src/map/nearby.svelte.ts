/** What the site's own layers know around a place. */

import { api } from '../api/client';
import type { components } from '../api/schema';
import { AskedPlaces, type AskedPlace } from './asked-places.svelte';

export type NearLayer = components['schemas']['NearLayerResponse'];
export type NearFeature = components['schemas']['LayerFeatureResponse'];
export type Around = AskedPlace<NearLayer>;

const FRESH_MS = 600_000;

export const nearby = new AskedPlaces<NearLayer>('map layers', FRESH_MS, async ({ lat, lon }) => {
  return (await api.get('/map-layers/near', { query: { lat, lon } })).items;
});
