/** What is laid aside now, by the centre's word; looked at again when alerts come or go from it. */

import { api, Asked, newKey } from '../api';
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
    const shelf = await api.post('/shelves', { body: order, headers: { 'Idempotency-Key': key } });
    void this.look();
    return shelf;
  }

  /** Ends one before its time. Throws what the centre refuses. */
  async end(id: string): Promise<void> {
    await api.post('/shelves/{shelf_id}/end', { path: { shelf_id: id }, body: { reason: null } });
    await this.look();
  }

  async #both(): Promise<Both> {
    const { items: inForce } = await api.get('/shelves');
    if (!this.open) return { inForce, ended: this.ended };
    return { inForce, ended: (await api.get('/shelves', { query: { ended: true } })).items };
  }
}

export const shelves = new Shelves();
