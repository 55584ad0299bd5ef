/** Who is on duty and how much was seen in the last day, as the wall tells it; asked every minute. */

import { api } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];

const LOOK_EVERY_MS = 60_000;

export class OnDuty {
  people = $state.raw<readonly Schemas['ShownShift'][] | null>(null);
  /** Share of the recorded camera time of 24 hours; null while nothing is known. */
  seenShare = $state<number | null>(null);

  start(): () => void {
    void this.#look();
    const timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  async #look(): Promise<void> {
    try {
      const [shift, coverage] = await Promise.all([
        api.send('GET', '/shift').then((response) => response.json()),
        api.send('GET', '/coverage').then((response) => response.json()),
      ]);
      this.people = (shift as Schemas['ShiftNow']).on_duty;
      this.seenShare = (coverage as Schemas['ShownCoverage']).share;
    } catch (error) {
      console.warn('who is on duty was not asked for', error);
      // What is not known any more is not shown as if it were.
      this.people = null;
      this.seenShare = null;
    }
  }
}
