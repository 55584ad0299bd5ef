/** Who is on duty and how much was seen in the last day, as the wall tells it; asked every minute. */

import { api } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];

const LOOK_EVERY_MS = 60_000;

const DAY_HOURS = 24;

/** A share of the recorded hours: what was not recorded is claimed by nobody. */
export interface Seen {
  readonly share: number;
  readonly hours: number;
}

export class OnDuty {
  people = $state.raw<readonly Schemas['ShiftResponse'][] | null>(null);
  /** What was seen of the last day as far as it was recorded; null while nothing is known. */
  seen = $state.raw<Seen | null>(null);

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
      this.people = (shift as Schemas['CurrentShiftResponse']).on_duty;
      this.seen = seenOf(coverage as Schemas['CoverageResponse']);
    } catch (error) {
      console.warn('who is on duty was not asked for', error);
      // What is not known any more is not shown as if it were.
      this.people = null;
      this.seen = null;
    }
  }
}

function seenOf({ share, recorded_share }: Schemas['CoverageResponse']): Seen | null {
  const hours = Math.round(recorded_share * DAY_HOURS);
  return share === null || hours === 0 ? null : { share, hours };
}
