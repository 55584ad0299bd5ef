/** What is laid aside now, by the centre's word; looked at again when alerts come or go from it. */

import { api, newKey } from '../api/client';
import type { Shelf, Shelving } from './shelf';

const LOOK_EVERY_MS = 15_000;

class Shelves {
  inForce = $state.raw<readonly Shelf[]>([]);
  ended = $state.raw<readonly Shelf[]>([]);
  /** The list stands open. */
  open = $state(false);

  /** Looks from time to time while somebody is logged in; returns what ends it. */
  start(): () => void {
    void this.look();
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      this.inForce = this.ended = [];
      this.open = false;
    };
  }

  of(id: string | null): Shelf | null {
    return this.inForce.find((shelf) => shelf.id === id) ?? null;
  }

  async look(): Promise<void> {
    try {
      this.inForce = await this.#list('/shelves');
      if (this.open) this.ended = await this.#list('/shelves?ended=true');
    } catch (error) {
      console.warn('the shelves were not asked for', error);
    }
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

  async #list(path: string): Promise<readonly Shelf[]> {
    const response = await api.send('GET', path);
    return ((await response.json()) as { items: Shelf[] }).items;
  }
}

export const shelves = new Shelves();
