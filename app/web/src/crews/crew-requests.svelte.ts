/** What crews ask for and nobody answered yet, for every officer's screen. */

import { Asked, getJson } from '../api/asked.svelte';
import { api } from '../api/client';
import { saidOfCommand } from '../api/refusal';
import type { components } from '../api/schema';
import { notices } from '../shell/notices.svelte';

export type CrewRequest = components['schemas']['CrewRequestResponse'];

/** The stream tells of each one; this only makes up for a stream that is late. */
const AGAIN_MS = 15_000;

class CrewRequests {
  readonly #asked = new Asked<{ readonly items: readonly CrewRequest[] }>();

  readonly all: readonly CrewRequest[] = $derived.by(() => this.#asked.value?.items ?? []);

  /** Asks for the list while somebody is logged in; returns what ends it. */
  start(): () => void {
    return this.#asked.askForUser(() => getJson('/crew-requests'), AGAIN_MS, 'crews');
  }

  again(): void {
    void this.#asked.again();
  }

  async take(id: string): Promise<void> {
    try {
      await api.send('POST', `/crew-requests/${encodeURIComponent(id)}/answer`);
    } catch (error) {
      notices.tell(saidOfCommand(error), 'warning');
    }
    await this.#asked.again();
  }
}

export const crewRequests = new CrewRequests();
