/** Who is on duty and how much was seen in the last day, as the wall tells it; asked every minute. */

import { Asked } from '../api/asked.svelte';
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

interface Told {
  readonly people: readonly Schemas['ShiftResponse'][];
  readonly seen: Seen | null;
}

export class OnDuty {
  readonly #asked = new Asked<Told>();
  /** What is not known any more is not shown as if it were. */
  readonly #told = $derived.by(() => (this.#asked.problem === null ? this.#asked.value : null));

  readonly people: Told['people'] | null = $derived.by(() => this.#told?.people ?? null);
  /** What was seen of the last day as far as it was recorded; null while nothing is known. */
  readonly seen: Seen | null = $derived.by(() => this.#told?.seen ?? null);

  start(): () => void {
    return this.#asked.ask(told, LOOK_EVERY_MS);
  }
}

async function told(): Promise<Told> {
  const [shift, coverage] = await Promise.all([api.get('/shift'), api.get('/coverage')]);
  return { people: shift.on_duty, seen: seenOf(coverage) };
}

function seenOf({ share, recorded_share }: Schemas['CoverageResponse']): Seen | null {
  const hours = Math.round(recorded_share * DAY_HOURS);
  return share === null || hours === 0 ? null : { share, hours };
}
