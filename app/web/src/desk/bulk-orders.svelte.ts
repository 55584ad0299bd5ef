/**
 * One command for all picked rows. An incident is taken, handed over and closed as a whole, by itself;
 * alerts are commanded a hundred in a request. The centre answers each by itself; what could not be
 * done, and why, stands on the list until something else is picked.
 */

import { stepsFor, stepsForRow } from '../alert/bulk';
import { isOfIncident } from '../alert/life';
import { api, ApiError } from '../api/client';
import { saidOfCommand } from '../api/refusal';
import type { Action, Alert } from '../api/types';
import type { Row } from '../incidents/incident';
import { i18n } from '../i18n/i18n.svelte';
import { notices } from '../shell/notices.svelte';
import { draftOf, drafts } from '../ui/draft.svelte';
import type { Desk } from './desk.svelte';
import { commandIncident, type AlertWords, type Words } from './whole-orders';

/** The most that the centre takes in one request. */
const AT_ONCE = 100;

type ManyActions = Parameters<typeof api.commandMany>[0][number]['actions'];

/** What is sent, step by step: to an alert; or to an incident, about its source `id` where it is that of one. */
interface Job {
  readonly id: string;
  readonly alert: Alert | null;
  readonly row: Row | null;
  readonly steps: readonly Action[];
}

/** What a command for the picked rows is sent to. */
export function jobsOf(desk: Desk, action: Action): readonly Job[] {
  return [...desk.pick.ids]
    .flatMap((id) => jobsOfRow(desk, action, id))
    .filter(({ steps }) => steps.length > 0);
}

function jobsOfRow(desk: Desk, action: Action, id: string): readonly Job[] {
  const { user } = desk;
  const found = desk.watch.worklist.get(id);
  const row = found?.type === 'incident' ? found : null;
  if (row && isOfIncident(action))
    return [{ id, alert: null, row, steps: stepsForRow(action, row, user) }];
  const alerts = desk.sourcesOf(id).filter(({ state }) => state !== 'closed');
  if (row === null || alerts.length > 0)
    return alerts.map((alert) => ({
      id: alert.id,
      alert,
      row: null,
      steps: stepsFor(action, alert, user),
    }));
  const sources = action === 'note' ? row.sources.slice(0, 1) : row.sources;
  return sources.map((source) => ({ id: source.id, alert: null, row, steps: [action] }));
}

export class BulkOrders {
  constructor(
    private readonly desk: Desk,
    private readonly onSessionEnded: () => void,
  ) {}

  /** Sends the command for every picked row that it concerns. */
  async run(action: Action, words: Words): Promise<void> {
    const { pick, watch } = this.desk;
    const jobs = jobsOf(this.desk, action);
    const asked = [...pick.ids].flatMap((id) => [
      id,
      ...(watch.worklist.get(id)?.sources ?? []).map((source) => source.id),
    ]);
    const most = Math.max(jobs.length, isOfIncident(action) ? pick.ids.size : pick.alerts.length);
    const name = i18n.t.actions[action].replace('…', '');
    this.desk.menu = null;
    pick.end();
    if (jobs.length === 0) return notices.tell(i18n.t.bulk.nothing(name), 'warning');
    this.desk.bulk = { action, done: 0, total: jobs.length };
    this.desk.failed = [];
    await this.#sendAll(jobs, words);
    const skipped = most - jobs.length + this.desk.failed.length;
    this.desk.bulk = null;
    this.desk.touch();
    const done = most - skipped;
    notices.tell(i18n.t.bulk.done(name, done, skipped), skipped > 0 ? 'warning' : 'info');
    watch.worklist.changed();
    this.desk.guard(); // the displayed alert alone is the next target
    if (action === 'close' || action === 'reject') this.desk.moveOn(new Set(asked));
  }

  /** What could not be done is named with what stands against it. */
  async #sendAll(jobs: readonly Job[], words: Words): Promise<void> {
    const ofAlerts = jobs.filter(({ row }) => row === null);
    const pieces: (readonly Job[])[] = jobs.filter(({ row }) => row !== null).map((job) => [job]);
    for (let from = 0; from < ofAlerts.length; from += AT_ONCE)
      pieces.push(ofAlerts.slice(from, from + AT_ONCE));
    for (const [index, piece] of pieces.entries()) {
      try {
        await (piece[0]?.row
          ? this.#actOn(piece[0], piece[0].row, words)
          : this.#send(piece, words));
      } catch (error) {
        return this.#stop(pieces.slice(index).flat(), error);
      }
      const { bulk } = this.desk;
      if (bulk) this.desk.bulk = { ...bulk, done: bulk.done + piece.length };
    }
  }

  /** What the centre refuses of one incident stops no other. */
  async #actOn({ id, steps }: Job, row: Row, words: Words): Promise<void> {
    try {
      for (const step of steps) await commandIncident(row, id, step, words);
      drafts.sent(draftOf(steps.at(-1) ?? '', id));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 401) throw error;
      const open = (error.refusal.open_points ?? []).map((point) => i18n.t.row.points[point]);
      this.#failed([{ id: row.id, why: open.join('; ') || saidOfCommand(error) }]);
    }
  }

  async #send(jobs: readonly Job[], words: Words): Promise<void> {
    const orders = jobs.flatMap(({ id, alert, steps }) =>
      alert ? { alert: id, version: alert.version, actions: steps as ManyActions } : [],
    );
    const results = await api.commandMany(orders, words as AlertWords);
    this.desk.watch.learn(...results.flatMap(({ alert }) => alert ?? []));
    for (const [i, { alert_id: id, detail, error }] of results.entries()) {
      if (error !== null) this.#failed([{ id, why: detail ?? error }]);
      else for (const step of jobs[i]?.steps ?? []) drafts.sent(draftOf(step, id));
    }
  }

  #failed(some: Desk['failed']): void {
    this.desk.failed = [...this.desk.failed, ...some];
  }

  /** Nothing more can be sent: the centre is silent, or no longer knows this session. */
  #stop(jobs: readonly Job[], error: unknown): void {
    const why = saidOfCommand(error);
    notices.tell(why, 'bad');
    this.#failed(jobs.map(({ id, row }) => ({ id: row?.id ?? id, why })));
    if (error instanceof ApiError && error.status === 401) this.onSessionEnded();
  }
}
