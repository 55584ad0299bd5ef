/** The rows of the list of incidents: the first page, and further ones that were asked for. */

import { Asked } from '../api/asked.svelte';
import { incidentApi, type Incident, type IncidentQuery } from './incident';

type Page = Awaited<ReturnType<typeof incidentApi.list>>;

export class IncidentRows {
  readonly #asked = new Asked<Page>();
  /** What is shown, if the page after it did not come. */
  #endsAt = $state.raw<Page | null>(null);

  /** Null before the first answer: that is not none. */
  readonly items: readonly Incident[] | null = $derived.by(() => this.#asked.value?.items ?? null);
  readonly next: string | null = $derived.by(() => this.#asked.value?.next ?? null);
  readonly problem: boolean = $derived.by(
    () =>
      this.#asked.problem !== null || (this.#endsAt !== null && this.#endsAt === this.#asked.value),
  );

  /** The first page, in place of all that is shown, after a while; returns what ends the asking. */
  ask(query: IncidentQuery, afterMs = 0): () => void {
    return this.#asked.askAfter(afterMs, () => incidentApi.list(query));
  }

  /** The first page again, as after a change. */
  again(): void {
    void this.#asked.again();
  }

  /** The page after what is shown, unless that was loaded anew meanwhile. */
  async more(query: IncidentQuery): Promise<void> {
    const shown = this.#asked.value;
    if (shown === null) return;
    try {
      const page = await incidentApi.list({ ...query, cursor: shown.next });
      if (this.#asked.value !== shown) return;
      const known = new Set(shown.items.map(({ id }) => id));
      const further = page.items.filter(({ id }) => !known.has(id));
      this.#asked.value = { ...page, items: [...shown.items, ...further] };
    } catch (error) {
      console.error('incidents were not loaded', error);
      this.#endsAt = shown;
    }
  }
}
