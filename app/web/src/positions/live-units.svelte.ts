/** Where units are, asked again every second or two while somebody looks at a map. */

import { getJson } from '../api/asked.svelte';
import type { components } from '../api/schema';

export type LiveUnit = components['schemas']['UnitResponse'];

export interface UnitMark {
  readonly id: string;
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
  /** By the centre's clock; it goes on being counted here. */
  readonly ageS: number | null;
  readonly stale: boolean;
}

const EVERY_MS = 1_500;
const AFTER_FAILURE_MS = 5_000;
/** A position that is older may be streets away. */
export const STALE_S = 30;

class LiveUnits {
  items = $state.raw<readonly LiveUnit[]>([]);
  /** When that was true, by this screen's clock. */
  askedAt = $state(0);
  #lookers = 0;
  /** Who begins to look anew asks anew; an earlier asking ends, or there would be ever more. */
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Asks until what is returned is called; several who look are one who asks. */
  look(): () => void {
    this.#lookers += 1;
    if (this.#lookers === 1) void this.#ask(++this.#turn);
    return () => {
      this.#lookers -= 1;
      if (this.#lookers === 0) clearTimeout(this.#timer);
    };
  }

  async #ask(turn: number): Promise<void> {
    let waitMs = EVERY_MS;
    try {
      const { items } = await getJson<{ items: LiveUnit[] }>('/units');
      if (turn !== this.#turn) return;
      this.items = items;
      this.askedAt = Date.now();
    } catch (error) {
      console.warn('positions of units were not loaded', error);
      waitMs = AFTER_FAILURE_MS;
    }
    if (this.#lookers > 0 && turn === this.#turn)
      this.#timer = setTimeout(() => void this.#ask(turn), waitMs);
  }
}

/** The units that have a place; `now` and `askedAt` let an age go on while no answer comes. Pure. */
export function unitMarks(
  units: readonly LiveUnit[],
  askedAt: number,
  now: number,
): readonly UnitMark[] {
  const since = Math.max(0, (now - askedAt) / 1000);
  return units.flatMap(({ id, name, lat, lon, status, position_age_s: age }) => {
    if (lat === null || lon === null || status === 'off') return [];
    const ageS = age === null ? null : age + since;
    return [{ id, name, lat, lon, ageS, stale: ageS === null || ageS > STALE_S }];
  });
}

export const liveUnits = new LiveUnits();
