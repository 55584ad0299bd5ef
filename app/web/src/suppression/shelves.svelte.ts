/** What is laid aside now, by the centre's word; looked at again when alerts come or go from it. */

import { Asked } from '../api/asked.svelte';
import { api, newKey } from '../api/client';
import type { Shelf, Shelving } from './shelf';

const LOOK_EVERY_MS = 15_000;

interface Both {
  readonly inForce: readonly Shelf[];
  /** Asked for while they are shown. */
  readonly ended: readonly Shelf[];
}

class Shelves {
  readonly #asked = new Asked<Both>();
  /** The list stands open. */
  open = $state(false);

  /** Looks from time to time while somebody is logged in; returns what ends it. */
  start(): () => void {
    const end = this.#asked.askForUser(() => this.#both(), LOOK_EVERY_MS);
    return () => {
      end();
      this.open = false;
    };
  }

  get inForce(): readonly Shelf[] {
    return this.#asked.value?.inForce ?? [];
  }

  get ended(): readonly Shelf[] {
    return this.#asked.value?.ended ?? [];
  }

  of(id: string | null): Shelf | null {
    return this.inForce.find((shelf) => shelf.id === id) ?? null;
  }

  look(): Promise<void> {
    return this.#asked.again();
  }

  async show(): Promise<void> {
    this.open = true;
    await this.look();
  }

  /** Lays something aside; the same key again changes nothing. Throws what the centre refuses. */
  async set(order: Shelving, key = newKey()): Promise<Shelf> {
    const response = await api.send('POST', '/shelves', {
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(order),
    });
    void this.look();
    return (await response.json()) as Shelf;
  }

  /** Ends one before its time. Throws what the centre refuses. */
  async end(id: string): Promise<void> {
    await api.send('POST', `/shelves/${encodeURIComponent(id)}/end`, {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ reason: null }),
    });
    await this.look();
  }

  async #both(): Promise<Both> {
    const inForce = await this.#list('/shelves');
    return { inForce, ended: this.open ? await this.#list('/shelves?ended=true') : this.ended };
  }

  async #list(path: string): Promise<readonly Shelf[]> {
    const response = await api.send('GET', path);
    return ((await response.json()) as { items: Shelf[] }).items;
  }
}

export const shelves = new Shelves();
