/**
 * Who this wall is: let in by the link it was opened with, by the cookie it kept, or not at all.
 * The link's code stands behind `#` and is wiped from the address as soon as it was used.
 */

import { api, ApiError } from '../api/client';
import type { User } from '../api/types';
import { i18n } from '../i18n/i18n.svelte';

const AGAIN_AFTER_MS = 5_000;

export type DoorState =
  | 'asking'
  | 'unreachable' // the centre does not answer; asked again and again
  | 'blocked' // nobody let this wall in
  | 'open';

export class WallDoor {
  state = $state<DoorState>('asking');
  user = $state.raw<User | null>(null);
  /** The centre's own words when a link was refused. */
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
      await this.#useLink();
      const session = await api.session();
      this.user = session?.user ?? null;
      if (session) i18n.suggest(session.user.locale);
      this.state = session ? 'open' : 'blocked';
    } catch (error) {
      console.warn('the wall could not ask who it is', error);
      this.state = 'unreachable';
    }
    // A blocked wall asks too: whoever logs in on this machine opens it without touching it.
    if (this.state !== 'open') this.#timer = setTimeout(() => void this.#knock(), AGAIN_AFTER_MS);
  }

  async #useLink(): Promise<void> {
    const code = location.hash.slice(1);
    if (code === '') return;
    try {
      await api.send('POST', '/walls/session', {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ code }),
      });
      this.refusal = '';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refusal = error.refusal.detail;
    }
    history.replaceState(null, '', '/wall');
  }
}
