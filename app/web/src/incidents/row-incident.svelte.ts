/** The incident of the displayed row: its details, and what is done to it. */

import { ApiError, Asked } from '../api';
import { incidentApi, joinEither, type IncidentDetail } from './incident';
import { noticedAttempt } from '../ui/attempt.svelte';

export class RowIncident {
  readonly #asked = new Asked<IncidentDetail>();
  #earlier: Promise<unknown> = Promise.resolve();
  /** Of which incident the details are asked for: those of another row are none. */
  #id = $state('');
  readonly #attempt = noticedAttempt();

  readonly detail: IncidentDetail | null = $derived.by(() =>
    this.#asked.value?.incident.id === this.#id ? this.#asked.value : null,
  );

  get busy(): boolean {
    return this.#attempt.busy;
  }

  get failed(): boolean {
    return this.#asked.problem !== null;
  }

  /** Asks for one incident; returns what ends the asking. */
  ask(id: string): () => void {
    this.#id = id;
    return this.#asked.ask(() => incidentApi.detail(id));
  }

  again(): Promise<void> {
    return this.#asked.again();
  }

  /** Commands follow one another: what is pressed while the centre answers is not lost. */
  act(action: string, body: object): Promise<boolean> {
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
    const [one] = detail?.suggestions ?? [];
    if (!detail || !one || this.busy) return;
    const join = (body: object) => this.#command(detail, 'join', body);
    await this.#run(() => joinEither(detail.incident.id, one, join));
  }

  /** To the incident that was displayed when it was pressed, at its newest version. */
  async #command({ incident }: IncidentDetail, action: string, body: object): Promise<void> {
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
