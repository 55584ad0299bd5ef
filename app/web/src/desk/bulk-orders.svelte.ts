/**
 * One command for all picked alerts, a hundred in a request. The centre answers each by itself; which
 * could not be done, and why, stands on the list until something else is picked.
 */

import { stepsFor } from '../alert/bulk';
import { api, ApiError } from '../api/client';
import { saidOfCommand } from '../api/refusal';
import type { Action, Alert, RejectReason, SourceReason } from '../api/types';
import type { Disposition, OpenPoint } from '../incidents/incident';
import { i18n } from '../i18n/i18n.svelte';
import { notices } from '../shell/notices.svelte';
import { draftOf, drafts } from '../ui/draft.svelte';
import type { Desk } from './desk.svelte';

export interface Words {
  reason?: SourceReason;
  note?: string;
  /** Who takes it over. */
  to?: string;
  /** It was asked whether what is still seen shall be closed. */
  sure?: boolean;
  /** Of an incident that ends: how, what was done, and what is open and was read. */
  disposition?: Disposition;
  report?: string;
  despite?: readonly OpenPoint[];
}

/** The most that the centre takes in one request. */
const AT_ONCE = 100;

type ManyActions = Parameters<typeof api.commandMany>[0][number]['actions'];

/** Of alerts: their reason is none of a call's. */
export type AlertWords = Omit<Words, 'reason'> & { reason?: RejectReason };

interface Job {
  readonly alert: Alert;
  readonly steps: readonly Action[];
}

export class BulkOrders {
  constructor(
    private readonly desk: Desk,
    private readonly onSessionEnded: () => void,
  ) {}

  /** Sends the command for every picked alert that it concerns. */
  async run(action: Action, words: Words): Promise<void> {
    const asked = this.desk.pick.alerts;
    const jobs = this.#jobs(action, asked);
    const total = jobs.length;
    const name = i18n.t.actions[action].replace('…', '');
    this.desk.menu = null;
    this.desk.pick.end();
    if (total === 0) return notices.tell(i18n.t.bulk.nothing(name), 'warning');
    this.desk.bulk = { action, done: 0, total };
    this.desk.failed = [];
    const done = await this.#sendAll(jobs, action, words);
    this.desk.bulk = null;
    this.desk.touch();
    const skipped = asked.length - done;
    notices.tell(i18n.t.bulk.done(name, done, skipped), skipped > 0 ? 'warning' : 'info');
    this.desk.guard(); // the displayed alert alone is the next target
    if (action === 'close' || action === 'reject')
      this.desk.moveOn(new Set(asked.map(({ id }) => id)));
  }

  #jobs(action: Action, alerts: readonly Alert[]): readonly Job[] {
    const { user } = this.desk;
    return alerts
      .map((alert) => ({ alert, steps: stepsFor(action, alert, user) }))
      .filter(({ steps }) => steps.length > 0);
  }

  /** Returns how many were done; the others are named with what stands against them. */
  async #sendAll(jobs: readonly Job[], action: Action, words: Words): Promise<number> {
    let done = 0;
    for (let from = 0; from < jobs.length; from += AT_ONCE) {
      const some = jobs.slice(from, from + AT_ONCE);
      try {
        done += await this.#send(some, action, words);
      } catch (error) {
        this.#fail(jobs.slice(from), error);
        return done;
      }
      const { bulk } = this.desk;
      if (bulk) this.desk.bulk = { ...bulk, done: Math.min(from + AT_ONCE, jobs.length) };
    }
    return done;
  }

  async #send(jobs: readonly Job[], action: Action, words: Words): Promise<number> {
    const orders = jobs.map(({ alert, steps }) => ({
      alert: alert.id,
      version: alert.version,
      actions: steps as ManyActions,
    }));
    const results = await api.commandMany(orders, words as AlertWords);
    const failed = results.flatMap(({ alert_id: id, detail, error }) =>
      error === null ? [] : [{ id, why: detail ?? error }],
    );
    this.desk.watch.learn(...results.flatMap(({ alert }) => alert ?? []));
    for (const { alert_id: id, error } of results)
      if (error === null) drafts.sent(draftOf(action, id));
    this.desk.failed = [...this.desk.failed, ...failed];
    return results.length - failed.length;
  }

  /** Nothing more can be sent: the centre is silent, or no longer knows this session. */
  #fail(jobs: readonly Job[], error: unknown): void {
    const why = saidOfCommand(error);
    notices.tell(why, 'bad');
    this.desk.failed = [...this.desk.failed, ...jobs.map(({ alert }) => ({ id: alert.id, why }))];
    if (error instanceof ApiError && error.status === 401) this.onSessionEnded();
  }
}
