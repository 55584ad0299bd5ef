/**
 * The centre's one list of what officers answer, in its order, and which source stands in which row.
 * An alert that came after the list was asked for is no row yet: it is `fresh`, and missed nowhere.
 */

import type { Alert } from '../api/types';
import { incidentApi, type Row, type WorklistPage } from './incident';
import { isOver } from './standing';

const A_PAGE = 200;
/** What changes at about one moment is asked for together, and answers are not asked for faster. */
const ASK_AFTER_MS = 200;
const AGAIN_MS = 3_000;
const NO_ROWS = { waiting: 0, working: 0, look: 0 };

export class Worklist {
  /** The pages that are shown, in the order of answering; null before the first answer. */
  #pages = $state.raw<readonly WorklistPage[] | null>(null);
  /** Incidents that are on no page any more: rows that are shown do not fall apart at their end. */
  #ended = $state.raw<ReadonlyMap<string, Row>>(new Map());
  /** Incidents that were asked for by themselves: with more sources than a page lists, or commanded. */
  #whole = $state.raw<ReadonlyMap<string, Row>>(new Map());
  #fresh = $state.raw<ReadonlySet<string>>(new Set());
  #most = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asks = false;
  #asksAgain = false;
  #runs = false;

  readonly #listed: readonly Row[] = $derived.by(() =>
    (this.#pages ?? []).flatMap(({ items }) => items).map((row) => this.#newest(row)),
  );
  /** What is open, in the order of answering. */
  readonly rows: readonly Row[] = $derived.by(() => this.#listed.filter((row) => !isOver(row)));
  readonly #byId: ReadonlyMap<string, Row> = $derived.by(
    () => new Map([...this.#ended, ...this.#listed.map((row) => [row.id, row] as const)]),
  );
  /** The row of each source; of one in several, the open one's. */
  readonly #ofSource: ReadonlyMap<string, string> = $derived.by(
    () =>
      new Map(
        [...this.#byId.values()].flatMap((row) =>
          (row.type === 'alert' ? [row] : row.sources).map(({ id }) => [id, row.id] as const),
        ),
      ),
  );
  /** How many rows there are, shown or not. */
  readonly count: number = $derived.by(() => {
    const { waiting, working, look } = this.#pages?.[0]?.counts ?? NO_ROWS;
    return waiting + working + look;
  });
  readonly blind: WorklistPage['blind'] | null = $derived.by(() => this.#pages?.[0]?.blind ?? null);
  readonly hasMore: boolean = $derived.by(() => (this.#pages?.at(-1)?.next ?? null) !== null);

  readonly isLoaded: boolean = $derived.by(() => this.#pages !== null);

  get(id: string | null): Row | null {
    return id === null ? null : (this.#byId.get(id) ?? null);
  }

  /** The incident that a source stands in, else the source itself: what is one row. */
  rowOf(sourceId: string): string {
    return this.#ofSource.get(sourceId) ?? sourceId;
  }

  /** Whether an alert came after the list was asked for, and is in no row of it. */
  isFresh(alertId: string): boolean {
    if (this.#ofSource.has(alertId) || this.#byId.has(alertId)) return false;
    return this.#pages === null || this.#fresh.has(alertId);
  }

  /** The row of an alert; of one that came after the list, that of its camera. */
  rowFor({ id, camera }: Pick<Alert, 'id' | 'camera'>): Row | null {
    if (!this.isFresh(id)) return this.get(this.rowOf(id));
    return this.rows.find(({ sources }) => sources.some((one) => one.camera === camera)) ?? null;
  }

  /** Something of the list changed, these alerts perhaps: it is asked for again. */
  changed(alertIds: readonly string[] = []): void {
    const news = alertIds.filter((id) => !this.#fresh.has(id));
    if (news.length > 0) this.#fresh = new Set([...this.#fresh, ...news]);
    if (this.#runs) this.#timer ??= setTimeout(() => void this.load(), ASK_AFTER_MS);
  }

  /** The officer has come to the end of what is shown. */
  more(): void {
    if (!this.hasMore || this.#asks) return;
    this.#most += 1;
    void this.load();
  }

  /** Ask for the list; again by itself while no answer comes. One question at a time. */
  async load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asksAgain = this.#asks;
    if (this.#asks) return;
    this.#asks = true;
    const before = this.#fresh;
    try {
      const pages = await this.#ask();
      this.#fresh = new Set([...this.#fresh].filter((id) => !before.has(id)));
      await this.take(pages);
    } catch (error) {
      console.error('the worklist was not loaded', error);
      if (this.#runs) this.#timer = setTimeout(() => void this.load(), AGAIN_MS);
    } finally {
      this.#asks = false;
    }
    if (this.#asksAgain) this.changed();
  }

  /** From now on changes are asked for, until `stop`. */
  start(): void {
    this.#runs = true;
  }

  stop(): void {
    this.#runs = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Newer pages of the list, in place of all before. */
  async take(pages: readonly WorklistPage[]): Promise<void> {
    const rows = new Set(pages.flatMap(({ items }) => items.map(({ id }) => id)));
    const left = this.#listed.filter(({ id, type }) => type === 'incident' && !rows.has(id));
    this.#ended = new Map(
      [...this.#ended, ...left.map((row) => [row.id, { ...row, state: 'closed' }] as const)].filter(
        ([id]) => !rows.has(id),
      ) as [string, Row][],
    );
    const sound = pages.map((page) => ({ ...page, items: page.items.map(withSources) }));
    this.#pages = sound.map((page) => ({
      ...page,
      items: page.items.map((row) => (isCut(row) ? this.#uncut(row) : row)),
    }));
    await this.#askWhole(sound.flatMap(({ items }) => items).filter(isCut));
  }

  /** One incident anew, as after a command on it. */
  async refresh(id: string): Promise<void> {
    const row = await incidentApi.row(id);
    this.#whole = new Map([...this.#whole, [id, row]]);
    this.changed();
  }

  /** Until all sources come, those that were listed before stay: none falls out of its row. */
  #uncut(row: Row): Row {
    const ids = new Set(row.sources.map(({ id }) => id));
    const before = this.get(row.id)?.sources.filter(({ id }) => !ids.has(id)) ?? [];
    return { ...row, sources: [...row.sources, ...before] };
  }

  #newest(row: Row): Row {
    const own = this.#whole.get(row.id);
    return own && own.version >= row.version ? own : row;
  }

  async #ask(): Promise<readonly WorklistPage[]> {
    const pages: WorklistPage[] = [];
    let cursor: string | null = null;
    do {
      const page: WorklistPage = await incidentApi.worklist({ limit: A_PAGE, cursor });
      pages.push(page);
      cursor = page.next;
    } while (cursor !== null && pages.length < this.#most);
    return pages;
  }

  async #askWhole(rows: readonly Row[]): Promise<void> {
    const asked = await Promise.allSettled(rows.map(({ id }) => incidentApi.row(id)));
    const whole = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    this.#whole = new Map(whole.map((row) => [row.id, row]));
  }
}

/** A row whose sources are broken is a row still, and stops no other. */
function withSources(row: Row): Row {
  const isWhole = Array.isArray(row.sources) && Array.isArray(row.source_counts);
  return isWhole ? row : { ...row, sources: [], source_counts: [] };
}

/** Whether a row has more sources than it lists. */
function isCut(row: Row): boolean {
  return row.source_counts.reduce((sum, { count }) => sum + count, 0) > row.sources.length;
}
