/** The table's rows: pages follow each other as far as one has scrolled; a new filter begins again. */

import { page, type Filter, type Row } from './registry-api';

export class RegistryList {
  rows = $state.raw<readonly Row[]>([]);
  total = $state(0);
  source = $state<'files' | 'database'>('database');
  loading = $state(false);
  failed = $state<unknown>(null);
  #filter: Filter = { text: '', agency: '', area: '', enabled: '' };
  #next: string | null = null;
  #round = 0;
  #wanted = 0;

  async show(filter: Filter): Promise<void> {
    this.#filter = filter;
    this.#round += 1;
    this.#next = null;
    this.#wanted = 1;
    await this.#load([]);
  }

  /** Loads on until the row of this number is there. */
  async reach(index: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, index);
    if (!this.loading) await this.#load(this.rows);
  }

  /** A row that was changed, added or (null) removed here. */
  put(id: string, row: Row | null): void {
    const known = this.rows.some((each) => each.id === id);
    if (row === null) this.rows = this.rows.filter((each) => each.id !== id);
    else if (known) this.rows = this.rows.map((each) => (each.id === id ? row : each));
    else this.rows = [row, ...this.rows];
    if (row === null || !known) this.total += row === null ? -1 : 1;
  }

  async #load(before: readonly Row[]): Promise<void> {
    const round = this.#round;
    let rows = before;
    this.loading = true;
    try {
      do {
        const found = await page('cameras', this.#filter, this.#next ?? undefined);
        if (round !== this.#round) return;
        rows = [...rows, ...(found.items as unknown as Row[])];
        this.rows = rows;
        this.#next = found.next;
        this.source = found.source;
        this.failed = null;
        if (found.total !== null) this.total = found.total;
      } while (this.#next && rows.length < this.#wanted);
    } catch (error) {
      if (round === this.#round) this.failed = error;
    } finally {
      if (round === this.#round) this.loading = false;
    }
  }
}
