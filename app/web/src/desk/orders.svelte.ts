/**
 * The officer's commands. Nothing is shown as done before the centre says so; a refusal is said
 * plainly, with the name and the time of whoever was first.
 */

import { BULK_ACTIONS } from '../alert/bulk';
import {
  awaitsCosign,
  isOfIncident,
  leads,
  mayAct,
  refused,
  rowRefused,
  type Refused,
} from '../alert/life';
import { isDoubted } from '../alert/severity';
import { api, ApiError, type Refusal } from '../api/client';
import type { Action, Alert } from '../api/types';
import { burnsOn } from '../history/outcome';
import { i18n } from '../i18n/i18n.svelte';
import { duty } from '../shifts/duty.svelte';
import { notices } from '../shell/notices.svelte';
import { draftOf, drafts } from '../ui/draft.svelte';
import { BulkOrders } from './bulk-orders.svelte';
import type { Desk } from './desk.svelte';
import {
  commandIncident,
  heldBy,
  isHeld,
  isOfClosing,
  menuOf,
  tellAnswer,
  tellFailure,
  type AlertWords,
  type Target,
  type Wish,
  type Words,
} from './whole-orders';
import type { Row } from '../incidents/incident';
import type { RowIncident } from '../incidents/row-incident.svelte';

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
    private readonly work: Pick<RowIncident, 'detail' | 'isLoading'>,
  ) {
    this.#bulk = new BulkOrders(desk, onSessionEnded);
  }

  /** The key or button of an action was pressed. */
  press(action: Action): void {
    const { bulk, pick } = this.desk;
    if (bulk !== null) return notices.tell(i18n.t.bulk.progress(bulk.done, bulk.total), 'warning');
    if (action === 'close' && this.desk.menu === 'close') return this.#closeAnyway();
    if (this.#isForMany(action)) return this.#orderMany(action);
    if (pick.waiting > 0) pick.end();
    const target = this.#displayed();
    const isUndrawn = this.desk.source?.type === 'alert' && !target?.alert;
    if (isUndrawn) notices.tell(i18n.t.outcome.notYet, 'warning');
    else if (target && this.desk.sending.has(target.id))
      this.#later(target.id, { action, words: {} });
    else if (target && this.desk.isGuarded) notices.tell(i18n.t.outcome.guarded, 'warning');
    else if (target) this.#order(target, { action, words: {} });
    else if (this.desk.watch.loading !== 'ready') notices.tell(i18n.t.outcome.notYet, 'warning');
  }

  /** A menu was answered, or its answer was given before it could open. */
  say(action: Action, words: Words): void {
    const target = this.#displayed();
    if (action === 'reject' && this.#isUnreadCosign())
      notices.tell(i18n.t.outcome.unread, 'warning');
    else if (this.#isForMany(action)) void this.#bulk.run(action, words);
    else if (target && this.desk.sending.has(target.id)) this.#later(target.id, { action, words });
    else if (target) this.#carryOut(target, { action, words });
  }

  /** Why an action is not offered for what is displayed now. */
  whyNot(action: Action): Refused | null {
    const target = this.#displayed();
    return target === null ? 'role' : this.#refused(action, target);
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
    // What loads opens too: its units are chosen as soon as they are there.
    const isThere = detail ? detail.incident.state !== 'closed' : this.work.isLoading;
    if (isThere) this.#open('dispatch');
    else notices.tell(i18n.t.row.noIncident, 'warning');
  }

  /** The menu of reasons will open as soon as the command before it is done. */
  get isAboutToReject(): boolean {
    const { selectedId, pick } = this.desk;
    const last = this.#wishes.get(selectedId ?? '')?.at(-1)?.action;
    return last === 'reject' && pick.ids.size === 0;
  }

  /** What is still seen was read; an incident ends with an outcome that is chosen, not by a key. */
  #closeAnyway(): void {
    if (this.desk.openPoints === null) this.say('close', { sure: true });
    else document.getElementById('close-disposition')?.focus();
  }

  #displayed(): Target | null {
    const { selectedId } = this.desk;
    return selectedId === null ? null : this.#target(selectedId);
  }

  #target(id: string): Target {
    const row = this.desk.watch.worklist.get(this.desk.rowOf(id));
    return { id, alert: this.desk.alert(id), incident: row?.type === 'incident' ? row : null };
  }

  #refused(action: Action, { id, alert, incident }: Target): Refused | null {
    const { user } = this.desk;
    if (incident && isOfIncident(action)) return rowRefused(action, incident, user);
    if (alert) return refused(action, alert, user);
    if (!mayAct(user)) return 'role';
    if (action === 'note' && incident) return null;
    const isJudged = action === 'confirm' || action === 'reject';
    return isJudged && incident?.sources.some((one) => one.id === id) ? null : 'no_verdict';
  }

  /** A leader would sign what was shown less than a second ago. */
  #isUnreadCosign(): boolean {
    const { commanded, isUnread, user } = this.desk;
    return isUnread && leads(user) && commanded.length > 0 && commanded.every(awaitsCosign);
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

  async #send(target: Target, wish: Wish): Promise<void> {
    const { id, alert, incident } = target;
    this.#mark(id, wish.action);
    try {
      if (incident && (alert === null || isOfIncident(wish.action)))
        await this.#actOn(incident, target, wish);
      else if (alert) await this.#actOnAlert(alert, wish, incident);
      drafts.sent(draftOf(wish.action, id));
      if (this.desk.selectedId === id) this.desk.menu = null;
    } catch (error) {
      if (incident && isHeld(error, wish.action)) await this.#askToClaim(incident, id);
      else this.#failed(error, id);
      this.desk.watch.worklist.changed();
    } finally {
      this.#mark(id, null);
      this.desk.touch();
    }
    this.#goOn(id, wish.action);
  }

  async #actOnAlert(alert: Alert, { action, words }: Wish, incident: Row | null): Promise<void> {
    const answer = await api.command({ alert, action, ...(words as AlertWords) });
    this.desk.watch.learn(answer);
    tellAnswer(action, alert, answer, this.desk.user);
    if (incident) await this.desk.watch.worklist.refresh(incident.id);
  }

  /** A colleague was first, as this desk did not know yet. */
  async #askToClaim(incident: Row, id: string): Promise<void> {
    await this.desk.watch.worklist.refresh(incident.id);
    if (this.desk.selectedId === id) this.#open('claim');
  }

  /** An incident with all its sources, in one command; a call or a message is judged by itself. */
  async #actOn(incident: Row, { id, alert }: Target, { action, words }: Wish): Promise<void> {
    await commandIncident(incident, id, action, words);
    const colleague = action === 'hand_over' && duty.now?.on_duty.find(isOf(words.to));
    if (colleague) notices.tell(i18n.t.outcome.handedOver(colleague.person.name));
    await this.desk.watch.worklist.refresh(incident.id);
    if (alert) this.desk.watch.learn(await api.alert(alert.id));
  }

  #order(target: Target, { action, words }: Wish): void {
    const { t } = i18n;
    const why = this.#refused(action, target);
    const name = t.actions[action].replace('…', '');
    const holder = target.incident ? target.incident.holder : target.alert?.owner;
    const isTheirs = why === 'taken' && holder;
    if (isTheirs && action === 'acknowledge' && holder.username !== this.desk.user.username)
      return this.#order(target, { action: 'claim', words });
    if (isTheirs) return notices.tell(heldBy(target, this.desk.user), 'warning');
    if (why) return notices.tell(t.outcome.notNow(name, t.actions.refused[why]), 'warning');
    const alone = target.incident ? null : target.alert;
    const isAsked = action === 'close' && !words.sure && alone !== null && burnsOn(alone);
    const menu = isAsked ? 'close' : menuOf({ action, words });
    if (menu === null) this.#carryOut(target, { action, words });
    else if (target.id === this.desk.selectedId) this.#open(menu);
    else
      notices.tell(
        t.outcome.notNow(name, t.outcome.noReason(target.alert?.number ?? '')),
        'warning',
      );
  }

  /** A doubt is taken, judged and, where it was nothing, closed by its one answer. */
  #carryOut(target: Target, wish: Wish): void {
    const { id, alert } = target;
    const isVerdict = wish.action === 'confirm' || wish.action === 'reject';
    if (!isVerdict || alert?.state !== 'new' || !isDoubted(alert))
      return void this.#send(target, wish);
    const after: Wish[] = wish.action === 'reject' ? [{ action: 'close', words: {} }] : [];
    this.#wishes.set(id, [wish, ...after]);
    void this.#send(target, { action: 'acknowledge', words: {} });
  }

  /** A menu takes the place of what was said before. */
  #open(menu: NonNullable<Desk['menu']>): void {
    notices.clear();
    this.desk.open(menu);
  }

  /** The same key again is the same wish; a reason completes the rejection that waits for it. */
  #later(id: string, wish: Wish): void {
    const before = this.#wishes.get(id) ?? [];
    const last = before.at(-1)?.action ?? this.desk.sending.get(id);
    const kept = last === wish.action ? before.slice(0, -1) : before;
    if (last === wish.action && (before.length === 0 || !wish.words.reason)) return;
    if (kept.length < MOST_WISHES) this.#wishes.set(id, [...kept, wish]);
  }

  #mark(id: string, action: Action | null): void {
    const sending = new Map(this.desk.sending);
    if (action === null) sending.delete(id);
    else sending.set(id, action);
    this.desk.sending = sending;
  }

  /** What was pressed meanwhile is done now, to what it was pressed at. */
  #goOn(id: string, done: Action): void {
    const [wish, ...rest] = this.#wishes.get(id) ?? [];
    if (rest.length > 0) this.#wishes.set(id, rest);
    else this.#wishes.delete(id);
    const target = this.#target(id);
    const isOver = (target.incident ?? target.alert)?.state === 'closed';
    if (wish && (target.alert || target.incident)) this.#order(target, wish);
    else if (done === 'close' && isOver) this.desk.moveOn(new Set([id]));
  }

  /** The centre names what is still open or missing: it is read before the incident is closed. */
  #ask({ open_points: found = [], detail }: Refusal): void {
    const before = this.desk.menu === 'close' ? (this.desk.openPoints ?? []) : [];
    const isAsked = this.desk.menu === 'close' && this.desk.openPoints !== null;
    this.#open('close');
    this.desk.openPoints = [...new Set([...before, ...found])];
    this.desk.closeProblem = isAsked && found.length === 0 ? detail : '';
  }

  #failed(error: unknown, id: string): void {
    if (!(error instanceof ApiError)) return tellFailure(error);
    const { refusal, status } = error;
    if (refusal.alert) this.desk.watch.learn(refusal.alert);
    if (status === 401) return this.onSessionEnded();
    if (isOfClosing(refusal) && id === this.desk.selectedId) return this.#ask(refusal);
    tellFailure(error);
  }
}

function isOf(username: string | undefined) {
  return ({ person }: { person: { username: string } }) => person.username === username;
}
