/** What is round a place, asked once for each place: an officer goes to and fro between alerts. */

import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

import type { Point } from './pins';

/** Of so many places the answer is remembered. */
const REMEMBERED = 50;

export type AskedPlace<T> = readonly T[] | 'asking' | 'failed';

export class AskedPlaces<T> {
  readonly #known = new SvelteMap<string, AskedPlace<T>>();
  readonly #askedAt = new Map<string, number>();

  /** After `freshMs` a place is asked again when it is looked at again; `what` is for the log. */
  constructor(
    private readonly what: string,
    private readonly freshMs: number,
    private readonly answer: (place: Point) => Promise<readonly T[]>,
  ) {}

  /** What is known now; null before it was asked. */
  at(place: Point): AskedPlace<T> | null {
    return this.#known.get(keyOf(place)) ?? null;
  }

  ask(place: Point): void {
    const key = keyOf(place);
    const known = untrack(() => this.#known.get(key));
    const isFresh = Date.now() - (this.#askedAt.get(key) ?? 0) < this.freshMs;
    if (known === 'asking' || (isFresh && known !== undefined && known !== 'failed')) return;
    this.#askedAt.set(key, Date.now());
    if (known === undefined || known === 'failed') this.#known.set(key, 'asking');
    this.answer(place).then(
      (found) => this.#keep(key, found),
      (error: unknown) => {
        console.warn(`${this.what} near a place were not loaded`, error);
        this.#known.set(key, 'failed');
      },
    );
  }

  #keep(key: string, found: readonly T[]): void {
    this.#known.set(key, found);
    const [oldest] = this.#known.keys();
    if (this.#known.size <= REMEMBERED || oldest === undefined) return;
    this.#known.delete(oldest);
    this.#askedAt.delete(oldest);
  }
}

function keyOf({ lat, lon }: Point): string {
  return `${lat.toFixed(5)} ${lon.toFixed(5)}`;
}
