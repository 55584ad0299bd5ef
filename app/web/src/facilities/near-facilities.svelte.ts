/** The facilities round a place, asked once for each place; and their marks on a map. */

import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

import type { LayerMark } from '../map/layer-marks';
import { facilityApi, type Facility } from './facility-api';

export type NearFacilities = readonly Facility[] | 'asking' | 'failed';

export const WITHIN_M = 150;
/** Of so many places the answer is remembered. */
const REMEMBERED = 50;
/** After this the place is asked again when it is looked at again. */
const FRESH_MS = 120_000;

interface Place {
  readonly lat: number;
  readonly lon: number;
}

class Near {
  readonly #known = new SvelteMap<string, NearFacilities>();
  readonly #askedAt = new Map<string, number>();

  at(place: Place): NearFacilities | null {
    return this.#known.get(keyOf(place)) ?? null;
  }

  ask(place: Place): void {
    const key = keyOf(place);
    const known = untrack(() => this.#known.get(key));
    const isFresh = Date.now() - (this.#askedAt.get(key) ?? 0) < FRESH_MS;
    if (known === 'asking' || (isFresh && known !== undefined && known !== 'failed')) return;
    this.#askedAt.set(key, Date.now());
    if (known === undefined || known === 'failed') this.#known.set(key, 'asking');
    facilityApi.near(place.lat, place.lon, WITHIN_M).then(
      ({ items }) => this.#keep(key, items),
      (error: unknown) => {
        console.warn('facilities near a place were not loaded', error);
        this.#known.set(key, 'failed');
      },
    );
  }

  #keep(key: string, items: readonly Facility[]): void {
    this.#known.set(key, items);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** `C1`, `C2` … in the order of the list beside the map. */
export function facilityMarks(near: NearFacilities | null, letter: string): readonly LayerMark[] {
  if (near === null || typeof near === 'string') return [];
  return near.flatMap(({ place: { lat, lon } }, i) =>
    lat === null || lon === null ? [] : [{ code: `${letter}${i + 1}`, kind: 'facility', lat, lon }],
  );
}

function keyOf({ lat, lon }: Place): string {
  return `${lat.toFixed(5)} ${lon.toFixed(5)}`;
}

export const nearFacilities = new Near();
