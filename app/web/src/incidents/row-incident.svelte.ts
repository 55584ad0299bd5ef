/** The incident of the displayed row: its details, and what is done to it. */

import { ApiError, Asked } from '../api';
import {
  incidentApi,
  joinEither,
  type Act,
  type AlertIncident,
  type Incident,
  type IncidentDetail,
  type Suggestion,
} from './incident';
import { noticedAttempt } from '../ui/attempt.svelte';

export class RowIncident {
  readonly #asked = new Asked<IncidentDetail>();
  readonly #near = new Asked<{ alert: string } & AlertIncident>();
  #earlier: Promise<unknown> = Promise.resolve();
  /** Of which incident the details are asked for: those of another row are none. */
  #id = $state('');
  /** The displayed alert, where it is in no incident: it may join one. */
  #alone = $state('');
  /** What is over joins nothing by itself. */
  #mayJoin = $state(true);
  readonly #attempt = noticedAttempt();

  readonly detail: IncidentDetail | null = $derived.by(() =>
    this.#asked.value?.incident.id === this.#id ? this.#asked.value : null,
  );

  /** There is an incident whose details are under way. */
  get isLoading(): boolean {
    return this.#id !== '' && this.detail === null && !this.failed;
  }

  /** The incident of an alert that stands in no open row: it is over, and is corrected on its page. */
  readonly past: Incident | null = $derived.by(() =>
    this.#near.value?.alert === this.#alone ? this.#near.value.incident : null,
  );

  get busy(): boolean {
    return this.#attempt.busy;
  }

  get failed(): boolean {
    return this.#asked.problem !== null;
  }

  /** What may be the same, the nearest first. */
  readonly suggestions: readonly Suggestion[] = $derived.by(() => {
    const isNear = this.#mayJoin && this.#near.value?.alert === this.#alone;
    const near = isNear ? (this.#near.value?.suggestions ?? []) : [];
    return this.detail?.suggestions ?? near;
  });

  /** Asks for one incident, or of what an alert in none is near; returns what ends the asking. */
  ask(id: string, alone = '', mayJoin = true): (() => void) | undefined {
    this.#mayJoin = mayJoin;
    this.#id = id;
    this.#alone = id === '' ? alone : '';
    if (id !== '') return this.#asked.ask(() => incidentApi.detail(id));
    if (alone === '') return undefined;
    return this.#near.ask(async () => ({ alert: alone, ...(await incidentApi.ofAlert(alone)) }));
  }

  async again(): Promise<void> {
    await (this.#alone === '' ? this.#asked : this.#near).again();
  }

  /** Commands follow one another: what is pressed while the centre answers is not lost. */
  act(...[action, body]: Parameters<Act>): Promise<boolean> {
    const target = this.detail;
    if (!target) return Promise.resolve(false);
    const turn = this.#earlier.then(() => this.#run(() => this.#command(target, action, body)));
    this.#earlier = turn;
    return turn;
  }

  async answer(assignment: string, said: string): Promise<void> {
    await this.#run(() => incidentApi.answer(assignment, said));
  }

  async join(): Promise<void> {
    const { detail } = this;
    const [one] = this.suggestions;
    const alone = this.#alone;
    if (!one || this.busy) return;
    await this.#run(async () => {
      if (detail) {
        const join = (body: object) => this.#command(detail, 'join', body);
        return joinEither(detail.incident, one, join);
      }
      const into = await incidentApi.one(one.id);
      return incidentApi.command(into, 'join', { type: 'alert', id: alone });
    });
  }

  /** To the incident that was displayed when it was pressed, at its newest version. */
  async #command({ incident }: IncidentDetail, ...[action, body]: Parameters<Act>): Promise<void> {
    const before = this.detail?.incident.id === incident.id ? this.detail : null;
    try {
      await incidentApi.command(before?.incident ?? incident, action, body);
    } catch (error) {
      const isStale = error instanceof ApiError && error.refusal.error === 'incident_version';
      if (action !== 'dispatch' || !isStale || before === null) throw error;
      await this.again();
      const { detail } = this;
      if (detail === null || sentTo(detail) !== sentTo(before)) throw error;
      await incidentApi.command(detail.incident, action, body); // nobody was sent meanwhile
    }
  }

  #run(work: () => Promise<unknown>): Promise<boolean> {
    return this.#attempt.run(work, () => this.again());
  }
}

/** To whom an incident has been given so far. */
function sentTo({ incident, assignments }: IncidentDetail): string {
  return [incident.id, ...assignments.map(({ id }) => id).toSorted()].join(' ');
}
