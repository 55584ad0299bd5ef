/** What the site's own layers know around a place, asked once for each place. */

import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

import { api } from '../api/client';
import type { components } from '../api/schema';
import type { Point } from './pins';

export type NearLayer = components['schemas']['NearLayerResponse'];
export type NearFeature = components['schemas']['LayerFeatureResponse'];
export type Around = readonly NearLayer[] | 'asking' | 'failed';

/** Of so many places the answer is remembered: an officer goes to and fro between alerts. */
const REMEMBERED = 50;
/** After this the place is asked again when it is looked at again. */
const FRESH_MS = 600_000;

class Nearby {
  readonly #known = new SvelteMap<string, Around>();
  readonly #askedAt = new Map<string, number>();

  /** What is known now; null before it was asked. */
  at(place: Point): Around | null {
    return this.#known.get(keyOf(place)) ?? null;
  }

  ask(place: Point): void {
    const key = keyOf(place);
    const known = untrack(() => this.#known.get(key));
    const isFresh = Date.now() - (this.#askedAt.get(key) ?? 0) < FRESH_MS;
    if (known === 'asking' || (isFresh && known !== undefined && known !== 'failed')) return;
    this.#askedAt.set(key, Date.now());
    if (known === undefined || known === 'failed') this.#known.set(key, 'asking');
    this.#answer(place).then(
      (layers) => this.#keep(key, layers),
      (error: unknown) => {
        console.warn('what is near was not loaded', error);
        this.#known.set(key, 'failed');
      },
    );
  }

  async #answer({ lat, lon }: Point): Promise<readonly NearLayer[]> {
    const response = await api.send('GET', `/map-layers/near?lat=${lat}&lon=${lon}`);
    return ((await response.json()) as { items: NearLayer[] }).items;
  }

  #keep(key: string, layers: readonly NearLayer[]): void {
    this.#known.set(key, layers);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf({ lat, lon }: Point): string {
  return `${lat.toFixed(5)} ${lon.toFixed(5)}`;
}

export const nearby = new Nearby();
