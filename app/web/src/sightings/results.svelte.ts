/** The pages of one search; another search takes the place of an unfinished one. */

import { api } from '../api/client';
import { saidOfEntry } from '../registry/registry-api';
import { askedOf, type Answer, type Query, type Sighting } from './query';

export class Results {
  /** The first page, with what the answer is worth. */
  first = $state.raw<Answer | null>(null);
  items = $state.raw<readonly Sighting[]>([]);
  loading = $state(false);
  problem = $state('');
  #query: Query | null = null;
  #next: string | null = null;
  #round = 0;

  get more(): boolean {
    return this.#next !== null && !this.loading;
  }

  async search(query: Query): Promise<void> {
    this.#query = query;
    this.#next = null;
    this.first = null;
    this.items = [];
    const answer = await this.#ask(null);
    if (!answer) return;
    this.first = answer;
    this.items = answer.items;
    this.#next = answer.next;
  }

  async on(): Promise<void> {
    if (!this.more) return;
    const answer = await this.#ask(this.#next);
    if (!answer) return;
    this.items = [...this.items, ...answer.items];
    this.#next = answer.next;
  }

  async #ask(cursor: string | null): Promise<Answer | null> {
    if (!this.#query) return null;
    const round = ++this.#round;
    this.loading = true;
    this.problem = '';
    try {
      const answer = await api.get('/sightings', { query: askedOf(this.#query, cursor) });
      return round === this.#round ? answer : null;
    } catch (error) {
      if (round === this.#round) this.problem = saidOfEntry(error);
      return null;
    } finally {
      if (round === this.#round) this.loading = false;
    }
  }
}
