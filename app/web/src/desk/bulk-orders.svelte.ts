/**
 * One command for all picked alerts. Each is sent by itself, a few at a time, and answered by the
 * centre like any other command; what could not be done is counted and said.
 */

import { stepsFor } from '../alert/bulk';
import { isMine } from '../alert/life';
import { api, ApiError, Unreachable } from '../api/client';
import type { Action, Alert, RejectReason } from '../api/types';
import { i18n } from '../i18n/i18n.svelte';
import { notices } from '../shell/notices.svelte';
import { draftOf, drafts } from '../ui/draft.svelte';
import type { Desk } from './desk.svelte';

export interface Words {
  reason?: RejectReason;
  note?: string;
  /** Who takes it over. */
  to?: string;
  /** It was asked whether what is still seen shall be closed. */
  sure?: boolean;
}

/** Commands on their way at once: the centre writes them one after the other anyway. */
const AT_ONCE = 4;

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
    const jobs = this.#jobs(action);
    const total = jobs.length;
    const name = i18n.t.actions[action].replace('…', '');
    this.desk.menu = null;
    if (total === 0) return notices.tell(i18n.t.bulk.nothing(name), 'warning');
    this.desk.bulk = { action, done: 0, total };
    const failed = await this.#sendAll([...jobs], action, words);
    this.desk.bulk = null;
    this.desk.touch();
    const skipped = this.desk.picked.size - total + failed;
    const tone = skipped > 0 ? 'warning' : 'info';
    notices.tell(i18n.t.bulk.done(name, total - failed, skipped), tone);
    if (action === 'close') this.#finish();
  }

  #jobs(action: Action): readonly Job[] {
    const { pickedAlerts, user } = this.desk;
    return pickedAlerts
      .map((alert) => ({ alert, steps: stepsFor(action, alert, user) }))
      .filter(({ steps }) => steps.length > 0);
  }

  /** Returns how many could not be done. */
  async #sendAll(queue: Job[], action: Action, words: Words): Promise<number> {
    let failed = 0;
    const worker = async (): Promise<void> => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const why = await this.#send(job, action, words).catch((error: unknown) => error);
        if (why === null) this.#count();
        else failed += 1;
        if (this.#isEnd(why)) failed += queue.splice(0).length;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return failed;
  }

  /** Null when all steps of one alert were done; else why not. */
  async #send({ alert, steps }: Job, action: Action, words: Words): Promise<unknown> {
    let known = alert;
    for (const step of steps) {
      known = await api.command({ alert: known, action: step, ...(step === action ? words : {}) });
      this.desk.watch.learn(known);
      drafts.sent(draftOf(step, alert.id));
      if (step === 'acknowledge' && !isMine(known, this.desk.user)) return 'taken';
    }
    return null;
  }

  /** Nothing more can be sent: the centre is silent, or no longer knows this session. */
  #isEnd(why: unknown): boolean {
    if (why instanceof Unreachable) notices.tell(i18n.t.outcome.unreachable, 'bad');
    if (why instanceof ApiError && why.refusal.alert) this.desk.watch.learn(why.refusal.alert);
    if (why instanceof ApiError && why.status === 401) this.onSessionEnded();
    return why instanceof Unreachable || (why instanceof ApiError && why.status === 401);
  }

  #count(): void {
    const { bulk } = this.desk;
    if (bulk) this.desk.bulk = { ...bulk, done: bulk.done + 1 };
  }

  #finish(): void {
    this.desk.pick([]);
    this.desk.letIn();
  }
}
