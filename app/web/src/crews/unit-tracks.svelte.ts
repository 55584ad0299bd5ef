/** Where the units that were sent to an incident drove since, as lines on its map. */

import { api, Asked, type components } from '../api';
import type { MapLine } from '../map/map-lines';

type Assignment = Pick<
  components['schemas']['AssignmentResponse'],
  'unit' | 'told_at' | 'ended_at'
>;

const AGAIN_MS = 5_000;
const DAY_MS = 24 * 3_600_000;
const AHEAD_MS = 60_000;

export class UnitTracks {
  readonly #asked = new Asked<readonly MapLine[]>();

  get lines(): readonly MapLine[] {
    return this.#asked.value ?? [];
  }

  /** Asks until what is returned is called; a unit that left is drawn until then. */
  follow(assignments: readonly Assignment[]): () => void {
    return this.#asked.ask(() => tracksOf(assignments), AGAIN_MS);
  }
}

async function tracksOf(assignments: readonly Assignment[]): Promise<readonly MapLine[]> {
  const found = await Promise.all(assignments.map((one) => trackOf(one)));
  return found.flatMap((line) => line ?? []);
}

async function trackOf({ unit, told_at, ended_at }: Assignment): Promise<MapLine | null> {
  if (unit === null) return null;
  const since = Date.parse(told_at);
  const until = Math.min(ended_at ? Date.parse(ended_at) : Date.now() + AHEAD_MS, since + DAY_MS);
  try {
    const { items } = await api.get('/units/{unit_id}/track', {
      path: { unit_id: unit },
      query: { since: since / 1000, until: until / 1000 },
    });
    const points = items.map(({ lat, lon }): [number, number] => [lat, lon]);
    return points.length < 2 ? null : { key: `${unit} ${told_at}`, points, isStraight: false };
  } catch (error) {
    console.warn('a track was not loaded', error);
    return null;
  }
}
