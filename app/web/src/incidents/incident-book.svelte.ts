/**
 * The incidents that this screen knows, the newest copy of each, and which alert stands in which.
 * What was closed stays known: rows that are shown do not fall apart when their incident ends.
 */

import type { Alert } from '../api/types';
import { incidentApi, type Incident } from './incident';

const A_PAGE = 200;
/** What changes at about one moment is asked for together; of many at once, the list. */
const ASK_AFTER_MS = 200;
const MOST_ONE_BY_ONE = 8;
/** Beyond so many open ones an alert's row stands alone until its incident changes. */
const MOST_PAGES = 5;

export class IncidentBook {
  readonly #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #byId = $state.raw<ReadonlyMap<string, Incident>>(new Map());

  readonly ofAlert: ReadonlyMap<string, Incident> = $derived.by(
    () =>
      new Map(
        [...this.#byId.values()].flatMap((one) =>
          one.members.filter(({ type }) => type === 'alert').map(({ id }) => [id, one] as const),
        ),
      ),
  );

  get(id: string | null): Incident | null {
    return id === null ? null : (this.#byId.get(id) ?? null);
  }

  /** The incident that an alert stands in, else the alert itself: what is one row. */
  rowOf(alertId: string): string {
    return this.ofAlert.get(alertId)?.id ?? alertId;
  }

  /** How many happenings these alerts tell of. */
  countRows(alerts: readonly Pick<Alert, 'id'>[]): number {
    return new Set(alerts.map(({ id }) => this.rowOf(id))).size;
  }

  /** The stream tells of a change without what the incident is joined from: that is asked for. */
  changed(id: string): void {
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => void this.#askChanged(), ASK_AFTER_MS);
  }

  async #askChanged(): Promise<void> {
    const ids = [...this.#changed];
    this.#changed.clear();
    this.#timer = undefined;
    if (ids.length > MOST_ONE_BY_ONE) return this.load();
    const asked = await Promise.allSettled(ids.map((id) => incidentApi.one(id)));
    this.learn(...asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
  }

  learn(...incidents: readonly Incident[]): void {
    const news = incidents.filter(({ id, version }) => (this.get(id)?.version ?? -1) < version);
    if (news.length === 0) return;
    this.#byId = new Map([...this.#byId, ...news.map((one) => [one.id, one] as const)]);
  }

  /** Asks for all open ones; what cannot be asked for now is brought by its next change. */
  async load(): Promise<void> {
    let cursor: string | null = null;
    try {
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const query = { q: '', open: true, sort: 'urgency', limit: A_PAGE, cursor } as const;
        const { items, next } = await incidentApi.list(query);
        this.learn(...items);
        if (next === null) return;
        cursor = next;
      }
    } catch (error) {
      console.error('incidents were not loaded', error);
    }
  }
}
