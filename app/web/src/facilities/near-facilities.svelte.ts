/** The facilities round a place, and their marks on a map. */

import { features } from '../api/features.svelte';
import { AskedPlaces, type AskedPlace } from '../map/asked-places.svelte';
import type { LayerMark } from '../map/layer-marks';
import { facilityApi, type Facility } from './facility-api';

export type NearFacilities = AskedPlace<Facility>;

export const WITHIN_M = 150;
const FRESH_MS = 120_000;

export const nearFacilities = new AskedPlaces<Facility>(
  'facilities',
  FRESH_MS,
  async ({ lat, lon }) =>
    features.has('facilities') ? (await facilityApi.near(lat, lon, WITHIN_M)).items : [],
);

/** `C1`, `C2` … in the order of the list beside the map. */
export function facilityMarks(near: NearFacilities | null, letter: string): readonly LayerMark[] {
  if (near === null || typeof near === 'string') return [];
  return near.flatMap(({ place: { lat, lon } }, i) =>
    lat === null || lon === null ? [] : [{ code: `${letter}${i + 1}`, kind: 'facility', lat, lon }],
  );
}
