/**
 * Who this wall is: let in by the digits it shows, by the cookie it kept, or not at all.
 * The pairing's secret stays in this page's memory; the digits say only which wall is meant.
 */

import { api, ApiError } from '../api/client';
import type { components } from '../api/schema';
import type { User } from '../api/types';
import { i18n } from '../i18n/i18n.svelte';
import { features } from '../api/features.svelte';
import { keeper } from '../access/session.svelte';

const AGAIN_AFTER_MS = 2_500;

export type Pairing = components['schemas']['WallPairingResponse'];

export type DoorState =
  | 'asking'
  | 'unreachable' // the centre does not answer; asked again and again
  | 'blocked' // nobody let this wall in yet
  | 'open';

export class WallDoor {
  state = $state<DoorState>('asking');
  user = $state.raw<User | null>(null);
  /** What to show while nobody let this wall in. */
  pairing = $state.raw<Pairing | null>(null);
  /** The centre's own words where it gives no digits now. */
  refusal = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    void this.#knock();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The centre no longer knows the session: perhaps it was ended, perhaps it can be asked again. */
  lost(): void {
    this.state = 'asking';
    void this.#knock();
  }

  async #knock(): Promise<void> {
    try {
      if (this.pairing) await this.#comeIn(this.pairing);
      const session = await api.session();
      features.set(session?.features ?? []);
      this.user = session?.user ?? null;
      keeper.screen = this.user?.username ?? null;
      if (session) i18n.suggest(session.user.locale);
      if (!session && !this.pairing) await this.#ask();
      if (session) this.pairing = null;
      this.state = session ? 'open' : 'blocked';
    } catch (error) {
      console.warn('the wall could not ask who it is', error);
      this.state = 'unreachable';
    }
    // A blocked wall asks too: whoever logs in on this machine opens it without touching it.
    if (this.state !== 'open') this.#timer = setTimeout(() => void this.#knock(), AGAIN_AFTER_MS);
  }

  async #ask(): Promise<void> {
    this.refusal = '';
    try {
      this.pairing = await api.post('/walls/pairing');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refusal = error.refusal.detail;
    }
  }

  /** Whether somebody typed the digits; over, or forgotten by a centre that restarted: ask anew. */
  async #comeIn({ secret }: Pairing): Promise<void> {
    try {
      await api.send('POST', '/walls/session', {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ secret }),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.pairing = null;
    }
  }
}
