/** What the site's own layers know around a place. */

import { getJson } from '../api/asked.svelte';
import type { components } from '../api/schema';
import { AskedPlaces, type AskedPlace } from './asked-places.svelte';

export type NearLayer = components['schemas']['NearLayerResponse'];
export type NearFeature = components['schemas']['LayerFeatureResponse'];
export type Around = AskedPlace<NearLayer>;

const FRESH_MS = 600_000;

export const nearby = new AskedPlaces<NearLayer>('map layers', FRESH_MS, async ({ lat, lon }) => {
  const path = `/map-layers/near?lat=${lat}&lon=${lon}`;
  return (await getJson<{ items: readonly NearLayer[] }>(path)).items;
});
