/** The rows of the list of incidents; an answer to an earlier question never takes a newer one's place. */

import { incidentApi, type Incident, type IncidentQuery } from './incident';

export class IncidentRows {
  /** Null before the first answer: that is not none. */
  items = $state.raw<readonly Incident[] | null>(null);
  next = $state<string | null>(null);
  problem = $state(false);
  #asked = 0;
  #answered = 0;

  /** The first page, in place of all that is shown. */
  async load(query: IncidentQuery): Promise<void> {
    const mine = ++this.#asked;
    try {
      const page = await incidentApi.list(query);
      if (mine < this.#answered) return;
      this.#answered = mine;
      this.items = page.items;
      this.next = page.next;
      this.problem = false;
    } catch (error) {
      if (mine >= this.#answered) this.#failed(error);
    }
  }

  /** The page after what is shown, unless that was loaded anew meanwhile. */
  async more(query: IncidentQuery): Promise<void> {
    const shown = this.items;
    try {
      const page = await incidentApi.list({ ...query, cursor: this.next });
      if (shown === null || this.items !== shown) return;
      const known = new Set(shown.map(({ id }) => id));
      this.items = [...shown, ...page.items.filter(({ id }) => !known.has(id))];
      this.next = page.next;
      this.problem = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    console.error('incidents were not loaded', error);
    this.problem = true;
  }
}
