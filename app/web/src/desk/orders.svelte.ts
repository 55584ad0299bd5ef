/**
 * The officer's commands. Nothing is shown as done before the centre says so; a refusal is said
 * plainly, with the name and the time of whoever was first.
 */

import { BULK_ACTIONS } from '../alert/bulk';
import { isMine, mayAct, needsCosign, refused } from '../alert/life';
import { isDoubted } from '../alert/severity';
import { api, ApiError, Unreachable, type Refusal } from '../api/client';
import type { Action, Alert } from '../api/types';
import { burnsOn } from '../history/outcome';
import { i18n } from '../i18n/i18n.svelte';
import { notices } from '../shell/notices.svelte';
import { clockTime, instant } from '../time/format';
import { draftOf, drafts } from '../ui/draft.svelte';
import { BulkOrders, type Words } from './bulk-orders.svelte';
import { MENUS, type Desk, type Menu } from './desk.svelte';
import { isAskedAbout, questionsOf, type OpenQuestions } from './open-questions';
import type { RowIncident } from '../incidents/row-incident.svelte';

/** What must be said with a command before it is sent; taking from a colleague is only confirmed. */
const ASKS: Readonly<Record<Menu, keyof Words | null>> = {
  reject: 'reason',
  reopen: 'note',
  note: 'note',
  claim: null,
  hand_over: 'to',
};

/** What an officer pressed while the same alert's last command was on its way. */
interface Wish {
  readonly action: Action;
  readonly words: Words;
}

/** What is done to all alerts of a row at once. A verdict is of one source. */
const FOLLOWED: ReadonlySet<Action> = new Set<Action>([
  'acknowledge',
  'claim',
  'close',
  'hand_over',
]);

/** More than a whole life of an alert: take it, judge it, close it, reopen it. */
const MOST_WISHES = 4;

export class Orders {
  /** By alert, in the order of the presses: each is done when the one before it is. */
  readonly #wishes = new Map<string, readonly Wish[]>();

  readonly #bulk: BulkOrders;

  constructor(
    private readonly desk: Desk,
    /** The centre no longer knows this session. */
    private readonly onSessionEnded: () => void,
    /** The incident of the displayed row. */
    private readonly work: Pick<RowIncident, 'detail' | 'act'>,
  ) {
    this.#bulk = new BulkOrders(desk, onSessionEnded);
  }

  /** The key or button of an action was pressed. */
  press(action: Action): void {
    const alert = this.#targetOf(action);
    const { bulk } = this.desk;
    if (bulk !== null) return notices.tell(i18n.t.bulk.progress(bulk.done, bulk.total), 'warning');
    if (action === 'close' && this.desk.menu === 'close') return this.#closeAnyway();
    if (this.#isForMany(action)) return this.#orderMany(action);
    if (this.desk.pick.waiting > 0) this.desk.pick.end();
    if (alert && this.desk.sending.has(alert.id)) this.#later(alert.id, { action, words: {} });
    else if (alert && this.desk.isGuarded) notices.tell(i18n.t.outcome.guarded, 'warning');
    else if (alert) this.#order(alert, { action, words: {} });
    else if (this.desk.watch.loading !== 'ready') notices.tell(i18n.t.outcome.notYet, 'warning');
  }

  /** A menu was answered, or its answer was given before it could open. */
  say(action: Action, words: Words): void {
    const alert = this.desk.selected;
    if (this.#isForMany(action)) void this.#bulk.run(action, words);
    else if (alert && this.desk.sending.has(alert.id)) this.#later(alert.id, { action, words });
    else if (alert) this.#carryOut(alert, { action, words });
  }

  /** Lays aside what the selected alert is about; asked for in its own menu. */
  shelve(): void {
    const alert = this.desk.selected;
    if (!alert?.camera) return;
    if (mayAct(this.desk.user)) this.#open('shelve');
    else notices.tell(i18n.t.outcome.forbidden, 'warning');
  }

  /** Shows which units there are to send: the row's incident is displayed. */
  dispatch(): void {
    const { detail } = this.work;
    if (!mayAct(this.desk.user)) return notices.tell(i18n.t.outcome.forbidden, 'warning');
    if (this.desk.isGuarded) return notices.tell(i18n.t.outcome.guarded, 'warning');
    if (detail && detail.incident.state !== 'closed') this.#open('dispatch');
    else notices.tell(i18n.t.row.noIncident, 'warning');
  }

  /** Who sends units has taken what tells of the fire. */
  async take(): Promise<void> {
    const { selected, user } = this.desk;
    const first = this.#targetOf('acknowledge');
    if (selected && first && refused('acknowledge', first, user) === null)
      await this.#send(first, { action: 'acknowledge', words: {} });
  }

  /** The menu of reasons will open as soon as the command before it is done. */
  get isAboutToReject(): boolean {
    const { selectedId, pick } = this.desk;
    const last = this.#wishes.get(selectedId ?? '')?.at(-1)?.action;
    return last === 'reject' && pick.ids.size === 0;
  }

  /** The displayed source; of what is for its whole row, another source that it can be done to now. */
  #targetOf(action: Action): Alert | null {
    const { selected, user } = this.desk;
    if (!selected || !FOLLOWED.has(action) || refused(action, selected, user) === null)
      return selected;
    const others = this.desk.besideOf(selected);
    return others.find((one) => refused(action, one, user) === null) ?? selected;
  }

  /** What stands open was read; a source that nobody has judged keeps its row open. */
  #closeAnyway(): void {
    const isOfOne = this.desk.pick.ids.size === 0;
    if (isOfOne && this.questions.unsettled.length > 0)
      notices.tell(i18n.t.row.judgeFirst, 'warning');
    else this.say('close', { sure: true });
  }

  #isForMany(action: Action): boolean {
    return this.desk.pick.ids.size > 0 && BULK_ACTIONS.includes(action);
  }

  #orderMany(action: Action): void {
    if (this.desk.isGuarded) return notices.tell(i18n.t.outcome.guarded, 'warning');
    if (action === 'close' && this.desk.pick.alerts.some(burnsOn)) return this.#open('close');
    const menu = menuOf({ action, words: {} });
    if (menu === null) void this.#bulk.run(action, {});
    else this.#open(menu);
  }

  async #send(alert: Alert, { action, words }: Wish): Promise<void> {
    const others = FOLLOWED.has(action) ? this.desk.besideOf(alert) : [];
    this.#mark([alert, ...others], action);
    try {
      const answer = await api.command({ alert, action, ...words });
      this.desk.watch.learn(answer);
      drafts.sent(draftOf(action, alert.id));
      this.#answered(action, alert, answer);
      await this.#bulk.follow(others, action, words);
      if (action === 'close') await this.#closeIncident(alert);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#mark([alert, ...others], null);
      if (this.desk.selectedId === alert.id) this.desk.menu = null;
      this.desk.touch();
    }
    this.#goOn(alert.id, action);
  }

  #order(alert: Alert, { action, words }: Wish): void {
    const { t } = i18n;
    const why = refused(action, alert, this.desk.user);
    const name = t.actions[action].replace('…', '');
    const isTheirs = why === 'taken' && alert.owner !== null;
    if (isTheirs && action === 'acknowledge') return this.#order(alert, { action: 'claim', words });
    if (isTheirs) return notices.tell(this.#heldBy(alert), 'warning');
    if (why) return notices.tell(t.outcome.notNow(name, t.actions.refused[why]), 'warning');
    if (action === 'close' && !words.sure && isAskedAbout(this.questions))
      return this.#open('close');
    const menu = menuOf({ action, words });
    if (menu === null) this.#carryOut(alert, { action, words });
    else if (alert.id === this.desk.selectedId) this.#open(menu);
    else notices.tell(t.outcome.notNow(name, t.outcome.noReason(alert.number)), 'warning');
  }

  /** What is still open of the displayed row. */
  get questions(): OpenQuestions {
    const { desk, work } = this;
    const blind = new Set(desk.watch.blind.map(({ id }) => id));
    return questionsOf(desk.sourcesOf(desk.rowId), work.detail, blind);
  }

  /** The incident ends with its last source. */
  async #closeIncident({ id }: Alert): Promise<void> {
    const { desk, work } = this;
    const sources = desk.sourcesOf(desk.rowOf(id));
    const isOfRow = work.detail?.incident.id === desk.rowOf(id);
    if (!isOfRow || sources.some(({ state }) => state !== 'closed')) return;
    const isReal = sources.some(({ reject_reason: reason }) => reason === null);
    await work.act('close', { disposition: isReal ? 'handled' : 'false_alarm', report: null });
  }

  /** A doubt is taken, judged and, where it was nothing, closed by its one answer. */
  #carryOut(alert: Alert, wish: Wish): void {
    const isVerdict = wish.action === 'confirm' || wish.action === 'reject';
    if (!isVerdict || alert.state !== 'new' || !isDoubted(alert))
      return void this.#send(alert, wish);
    const after: Wish[] = wish.action === 'reject' ? [{ action: 'close', words: {} }] : [];
    this.#wishes.set(alert.id, [wish, ...after]);
    void this.#send(alert, { action: 'acknowledge', words: {} });
  }

  /** A menu takes the place of what was said before. */
  #open(menu: NonNullable<Desk['menu']>): void {
    notices.clear();
    this.desk.menu = menu;
  }

  /** The same key again is the same wish; a reason completes the rejection that waits for it. */
  #later(id: string, wish: Wish): void {
    const before = this.#wishes.get(id) ?? [];
    const last = before.at(-1)?.action ?? this.desk.sending.get(id);
    const kept = last === wish.action ? before.slice(0, -1) : before;
    if (last === wish.action && (before.length === 0 || !wish.words.reason)) return;
    if (kept.length < MOST_WISHES) this.#wishes.set(id, [...kept, wish]);
  }

  #mark(alerts: readonly Alert[], action: Action | null): void {
    const sending = new Map(this.desk.sending);
    for (const { id } of alerts) {
      if (action === null) sending.delete(id);
      else sending.set(id, action);
    }
    this.desk.sending = sending;
  }

  /** What was pressed meanwhile is done now, to the alert that it was pressed at. */
  #goOn(id: string, done: Action): void {
    const [wish, ...rest] = this.#wishes.get(id) ?? [];
    if (rest.length > 0) this.#wishes.set(id, rest);
    else this.#wishes.delete(id);
    const alert = this.desk.alert(id);
    if (wish && alert) this.#order(alert, wish);
    else if (done === 'close' && alert?.state === 'closed') this.desk.moveOn(new Set([id]));
  }

  #answered(action: Action, asked: Alert, answer: Alert): void {
    const { user } = this.desk;
    if (action === 'acknowledge' && answer.owner && !isMine(answer, user))
      notices.tell(this.#heldBy(answer), 'warning');
    if (action === 'hand_over' && answer.owner)
      notices.tell(i18n.t.outcome.handedOver(answer.owner.name));
    if (action === 'note') notices.tell(i18n.t.outcome.noted);
    if (action === 'receipt') notices.tell(i18n.t.outcome.receipted);
    if (action === 'reject' && answer.state !== 'rejected' && needsCosign(asked, user)) {
      notices.tell(i18n.t.reject.p1, 'info');
    }
  }

  #heldBy(alert: Alert): string {
    const at = timeOf(alert.held_since);
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

/** The menu that must be answered before this can be sent. */
function menuOf({ action, words }: Wish): Menu | null {
  const menu = MENUS.find((each) => each === action);
  if (menu === undefined) return null;
  const asked = ASKS[menu];
  return asked !== null && words[asked] ? null : menu;
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
