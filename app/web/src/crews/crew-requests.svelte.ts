/** What crews ask for and nobody answered yet, for every officer's screen. */

import { api, Asked, type components } from '../api';
import { noticedAttempt } from '../ui/attempt.svelte';

export type CrewRequest = components['schemas']['CrewRequestResponse'];

/** The stream tells of each one; this only makes up for a stream that is late. */
const AGAIN_MS = 15_000;

class CrewRequests {
  readonly #asked = new Asked<{ readonly items: readonly CrewRequest[] }>();

  readonly all: readonly CrewRequest[] = $derived.by(() => this.#asked.value?.items ?? []);

  /** Asks for the list while somebody is logged in; returns what ends it. */
  start(): () => void {
    return this.#asked.askForUser(() => api.get('/crew-requests'), AGAIN_MS, 'crews');
  }

  again(): void {
    void this.#asked.again();
  }

  async take(id: string): Promise<void> {
    await noticedAttempt().run(
      () => api.post('/crew-requests/{report_id}/answer', { path: { report_id: id } }),
      () => this.#asked.again(),
    );
  }
}

export const crewRequests = new CrewRequests();
