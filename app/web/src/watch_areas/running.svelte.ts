/** The areas that run now, for the wall, the map and the alerts; asked again from time to time. */

import { Asked } from '../api/asked.svelte';
import type { Area } from './area';
import { list } from './area-api';

const LOOK_EVERY_MS = 15_000;

class RunningAreas {
  readonly #asked = new Asked<readonly Area[]>();

  /** Looks while a screen shows them; returns what ends it. */
  start(): () => void {
    return this.#asked.askForUser(async () => (await list()).items, LOOK_EVERY_MS, 'watch_areas');
  }

  get now(): readonly Area[] {
    return (this.#asked.value ?? []).filter((area) => area.status === 'running');
  }

  /** How many wait for a leader's word. */
  get waiting(): number {
    return (this.#asked.value ?? []).filter((area) => area.status === 'proposed').length;
  }

  nameOf(id: string | null): string {
    return (this.#asked.value ?? []).find((area) => area.id === id)?.name ?? id ?? '';
  }
}

export const runningAreas = new RunningAreas();
