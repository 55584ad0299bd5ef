/** Where units are, asked again every second or two while somebody looks at a map. */

import { api, Asked, type components } from '../api';

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
/** A position that is older may be streets away. */
export const STALE_S = 30;

/** Units, and when that was true, by this screen's clock. */
interface Seen {
  readonly items: readonly LiveUnit[];
  readonly at: number;
}

class LiveUnits {
  readonly #asked = new Asked<Seen>();
  #lookers = 0;
  #end: () => void = () => undefined;

  get items(): readonly LiveUnit[] {
    return this.#asked.value?.items ?? [];
  }

  get askedAt(): number {
    return this.#asked.value?.at ?? 0;
  }

  /** Asks until what is returned is called; several who look are one who asks. */
  look(): () => void {
    this.#lookers += 1;
    if (this.#lookers === 1) this.#end = this.#asked.ask(seen, EVERY_MS);
    return () => {
      this.#lookers -= 1;
      if (this.#lookers === 0) this.#end();
    };
  }
}

async function seen(): Promise<Seen> {
  const { items } = await api.get('/units');
  return { items, at: Date.now() };
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
