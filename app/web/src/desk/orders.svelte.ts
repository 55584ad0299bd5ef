/**
 * The officer's commands. Nothing is shown as done before the centre says so; a refusal is said
 * plainly, with the name and the time of whoever was first.
 */

import { isMine, needsCosign, refused } from '../alerts/life';
import { api, ApiError, Unreachable, type Refusal } from '../api/client';
import type { Action, Alert, RejectReason } from '../api/types';
import { i18n } from '../i18n/i18n.svelte';
import { notices } from '../shell/notices.svelte';
import { clockTime, instant } from '../time/format';
import type { Desk } from './desk.svelte';

export interface Words {
  reason?: RejectReason;
  note?: string;
}

export class Orders {
  /** The command on its way, for the button that shows it. */
  sent = $state<Action | null>(null);

  constructor(
    private readonly desk: Desk,
    /** The centre no longer knows this session. */
    private readonly onSessionEnded: () => void,
  ) {}

  /** The key or button of an action was pressed. */
  press(action: Action): void {
    const alert = this.desk.selected;
    if (!alert || this.desk.sending) return;
    const { t } = i18n;
    if (this.desk.isGuarded) return notices.tell(t.outcome.guarded, 'warning');
    const why = refused(action, alert, this.desk.user);
    if (why === 'taken' && alert.owner) return notices.tell(this.#heldBy(alert), 'warning');
    if (why)
      return notices.tell(
        t.outcome.notNow(t.actions[action].replace('…', ''), t.actions.refused[why]),
        'warning',
      );
    if (action === 'reject' || action === 'reopen') this.#open(action);
    else void this.send(action);
  }

  /** A menu takes the place of what was said before. */
  #open(menu: 'reject' | 'reopen'): void {
    notices.clear();
    this.desk.menu = menu;
  }

  async send(action: Action, words: Words = {}): Promise<void> {
    const alert = this.desk.selected;
    if (!alert || this.desk.sending) return;
    this.desk.sending = true;
    this.sent = action;
    try {
      const answer = await api.command({ alert, action, ...words });
      this.desk.watch.learn(answer);
      this.#answered(action, alert, answer);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.desk.sending = false;
      this.sent = null;
      this.desk.menu = null;
      this.desk.touch();
    }
    if (action === 'close' && this.desk.alert(alert.id)?.state === 'closed') this.desk.letIn();
  }

  #answered(action: Action, asked: Alert, answer: Alert): void {
    const { user } = this.desk;
    if (action === 'acknowledge' && answer.owner && !isMine(answer, user))
      notices.tell(this.#heldBy(answer), 'warning');
    if (action === 'reject' && answer.state !== 'rejected' && needsCosign(asked, user)) {
      notices.tell(i18n.t.reject.p1, 'info');
    }
  }

  #heldBy(alert: Alert): string {
    const at = timeOf(alert.acknowledged_at);
    if (isMine(alert, this.desk.user)) return i18n.t.alert.mineSince(at);
    return i18n.t.outcome.conflict(alert.owner?.name ?? i18n.t.nobody, at);
  }

  #failed(error: unknown): void {
    const { outcome } = i18n.t;
    if (error instanceof Unreachable) return notices.tell(outcome.unreachable, 'bad');
    if (!(error instanceof ApiError)) throw error;
    const { refusal, status } = error;
    if (refusal.alert) this.desk.watch.learn(refusal.alert);
    if (status === 401) return this.onSessionEnded();
    if (status === 409) return notices.tell(conflict(refusal), 'warning');
    if (status === 412) return notices.tell(outcome.stale, 'warning');
    if (status === 403) return notices.tell(refusal.detail || outcome.forbidden, 'bad');
    notices.tell(outcome.failed(refusal.detail || refusal.error), 'bad');
  }
}

/** "Bàn 1 đã nhận lúc 14:02:07", from the names and times of the refusal. */
function conflict(refusal: Refusal): string {
  const { outcome, states } = i18n.t;
  const { alert, by, detail, error } = refusal;
  if (!by || !alert) return detail || error;
  const time = timeOf(refusal.at);
  if (alert.state === 'new' || alert.state === 'acknowledged')
    return outcome.conflict(by.name, time);
  return outcome.conflictVerdict(by.name, states[alert.state], time);
}

function timeOf(iso: string | null | undefined): string {
  const at = instant(iso);
  return at === null ? '—' : clockTime(at);
}
