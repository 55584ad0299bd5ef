/** The rows that fit the filters, page by page as one scrolls; a late answer to old filters is dropped. */

import { api, Asked, saidOf, type Alert, type AlertPage } from '../api';

const PAGE_SIZE = 100;

export type Phase = 'loading' | 'more' | 'whole' | 'failed';

export class HistoryList {
  rows = $state.raw<readonly Alert[]>([]);
  phase = $state<Phase>('loading');
  /** The centre's own words on what it did not accept. */
  refusal = $state('');
  #query = new URLSearchParams();
  #cursor: string | null = null;
  #turn = 0;
  #endCount: () => void = () => undefined;
  readonly #counted = new Asked<{ count: number; more: boolean }>();

  get count(): { count: number; more: boolean } | null {
    return this.#counted.value;
  }

  /** Begins anew with other filters. */
  ask(query: URLSearchParams): void {
    this.#turn += 1;
    this.#query = query;
    this.#cursor = null;
    this.rows = [];
    this.#fetch(this.#turn);
    this.#counted.value = null;
    this.#endCount();
    this.#endCount = this.#counted.ask(() =>
      api.get('/history/count', { query: Object.fromEntries(query) }),
    );
  }

  /** The screen was left. */
  end(): void {
    this.#endCount();
  }

  /** The next page, if there is one and none is on its way. */
  more(): void {
    if (this.phase === 'more') this.#fetch(this.#turn);
  }

  retry(): void {
    if (this.phase === 'failed') this.#fetch(this.#turn);
  }

  #fetch(turn: number): void {
    this.phase = 'loading';
    this.refusal = '';
    this.#page().then(
      (page) => {
        if (turn !== this.#turn) return;
        this.rows = [...this.rows, ...page.items];
        this.#cursor = page.next;
        this.phase = page.next === null ? 'whole' : 'more';
      },
      (error: unknown) => {
        if (turn !== this.#turn) return;
        console.error('the history was not loaded', error);
        this.refusal = saidOf(error, '');
        this.phase = 'failed';
      },
    );
  }

  #page(): Promise<AlertPage> {
    const query = { ...Object.fromEntries(this.#query), limit: PAGE_SIZE, cursor: this.#cursor };
    return api.get('/alerts', { query });
  }
}
