/**
 * The officer's desk: which rows are shown and in what order, which one is selected, and what its
 * evidence is. Rows keep their places until the officer lets them move (see board.ts).
 */

import { isMine, leads, mayAct, mends } from '../alert/life';
import { sightingOf, type Sighting } from '../alert/first-picture';
import type { Incident } from '../incidents/incident';
import {
  compareForLeader,
  compareForTriage,
  groupOf,
  isUrgent,
  passes,
  wordsOf,
  type Filter,
} from '../alert/triage';
import { api } from '../api/client';
import type { Action, Alert, AlertDetail, Manifest, User } from '../api/types';
import {
  EMPTY_BOARD,
  GUARD_MS,
  isHandOn,
  letInFirst,
  neighbour,
  rekeyed,
  reselect,
  settle,
  type Board,
  type Row,
} from './board';
import { countsOf, isFound } from './filters';
import { Pick } from './pick.svelte';
import type { Watch } from './watch.svelte';

/** Commands about which something is asked before they are sent. */
export const MENUS = ['reject', 'reopen', 'note', 'claim', 'hand_over'] as const;
export type Menu = (typeof MENUS)[number];

export class Desk {
  filter = $state<Filter>('open');
  question = $state('');
  board = $state.raw<Board>(EMPTY_BOARD);
  selectedId = $state<string | null>(null);
  menu = $state<Menu | 'shelve' | 'close' | 'dispatch' | null>(null);
  readonly pick = new Pick(this);
  /** How far a command for many alerts has come. */
  bulk = $state.raw<{ action: Action; done: number; total: number } | null>(null);
  /** Of the last command for many: which alerts it was not done to, and why. */
  failed = $state.raw<readonly { readonly id: string; readonly why: string }[]>([]);
  /** Alerts whose command is on its way to the centre, and which command. */
  sending = $state.raw<ReadonlyMap<string, Action>>(new Map());
  searching = $state(false);
  detail = $state.raw<AlertDetail | null>(null);
  detailFailed = $state(false);
  #manifest = $state.raw<Manifest | null>(null);
  /** The officer picked the row; it is not merely the first one. */
  #chosen = false;
  #lastTouchAt = 0;
  #wasLaidOut = false;
  #movedAt = 0;
  #asked = '';
  /** Counts the times that the officer moved the list or the selection: only then it scrolls. */
  moved = $state(0);

  constructor(
    readonly watch: Watch,
    readonly user: User,
  ) {
    if (mends(user) && !mayAct(user)) this.filter = 'fault';
    watch.shown = () => {
      const rows = this.board.rows.flatMap(({ id }) => this.sourcesOf(id));
      return new Set([...rows.map(({ id }) => id), this.selectedId ?? '']);
    };
  }

  readonly sorted: readonly Alert[] = $derived.by(() =>
    [...this.watch.alerts].sort(leads(this.user) ? compareForLeader : compareForTriage),
  );
  readonly counts: Readonly<Record<Filter, number>> = $derived.by(() =>
    countsOf(
      [...this.#members.values()].flatMap(([lead]) => lead ?? []),
      this.watch.alerts,
    ),
  );
  /** All alerts of each row, the one that is answered first in front: an incident's, or one alone. */
  readonly #members: ReadonlyMap<string, readonly Alert[]> = $derived.by(() => {
    const rows = new Map<string, Alert[]>();
    for (const alert of this.sorted) {
      const row = this.rowOf(alert.id);
      const members = rows.get(row);
      if (members) members.push(alert);
      else rows.set(row, [alert]);
    }
    return rows;
  });
  readonly wanted: readonly Row[] = $derived.by(() => {
    const rows = [...this.#members].map(([id, alerts]) => ({ id, of: this.#shownBy(alerts) }));
    return rows.flatMap(({ id, of }) => (of ? [{ id, group: groupOf(of) }] : []));
  });
  readonly selected: Alert | null = $derived.by(() => this.alert(this.selectedId));
  readonly commanded: readonly Alert[] = $derived.by(() =>
    this.pick.ids.size > 0 ? this.pick.alerts : this.selected ? [this.selected] : [],
  );
  /** The row of the source that is displayed. */
  readonly rowId: string | null = $derived.by(() =>
    this.selectedId === null ? null : this.rowOf(this.selectedId),
  );
  readonly incident: Incident | null = $derived.by(() => this.watch.incidents.get(this.rowId));
  readonly shownDetail: AlertDetail | null = $derived.by(() =>
    this.detail?.id === this.selectedId ? this.detail : null,
  );
  readonly sighting: Sighting | null = $derived.by(() =>
    this.selected ? sightingOf(this.selected, this.#manifest) : null,
  );
  /** Real P1 that nobody has answered and that wait beside the list, the most urgent first. */
  readonly waitingUrgent: readonly Alert[] = $derived.by(() => {
    const waiting = new Set([...this.board.held, ...this.board.returned]);
    return this.sorted.filter(
      (alert) => waiting.has(this.rowOf(alert.id)) && isUrgent(alert) && !alert.exercise,
    );
  });
  /** Unanswered P1 that the filter or the search keeps off the list. */
  readonly hiddenUrgent: number = $derived.by(
    () => this.sorted.filter((alert) => isUrgent(alert) && !this.#isWanted(alert)).length,
  );

  /** The incident that an alert stands in, else the alert itself. */
  readonly rowOf = (alertId: string): string => this.watch.incidents.rowOf(alertId);

  sourcesOf(rowId: string | null): readonly Alert[] {
    return (rowId !== null && this.#members.get(rowId)) || [];
  }

  /** The other open alerts of an alert's row: one answer takes, hands over and closes them with it. */
  besideOf(alert: Alert): readonly Alert[] {
    return this.sourcesOf(this.rowOf(alert.id)).filter(
      (one) => one.id !== alert.id && one.state !== 'closed',
    );
  }

  alert(id: string | null): Alert | null {
    return id === null ? null : (this.watch.book.get(id)?.alert ?? null);
  }

  /** The hand is on the desk: rows stay where they are. */
  touch(): void {
    this.#lastTouchAt = Date.now();
  }

  /** Takes in what may come in by itself; called when alerts change and as time passes. */
  settle(): void {
    // Changes may come before the list does: until it has, they hold nothing back.
    this.#place(this.#wasLaidOut && !this.#letsUrgentIn());
    this.#wasLaidOut ||= this.watch.loading === 'ready';
  }

  /** Puts the list in order now and looks at its first row, unless one is being worked. */
  letIn(): void {
    this.#chosen = this.#isWorking();
    this.#place(false);
    this.#movedAt = 0;
    this.moved += 1;
  }

  /** The officer asks for what waits in the held strip: the first of it is selected. */
  showHeld(): void {
    const first = letInFirst(this.board, this.wanted);
    this.letIn();
    if (first !== null) this.choose(first);
  }

  /** What was answered leaves the list, unless the officer looks at something else by now. */
  moveOn(answered: ReadonlySet<string>): void {
    if (!answered.has(this.selectedId ?? '')) return;
    this.#chosen = this.#isWorking();
    this.#place(false);
    this.moved += 1;
  }

  /** Displays a row by what is answered first of it, or one source of a row. */
  choose(id: string): void {
    this.#chosen = true;
    this.#movedAt = 0;
    this.moved += 1;
    this.#select(this.alert(id) ? id : (this.sourcesOf(id)[0]?.id ?? null));
    this.menu = null;
    this.touch();
  }

  step(by: 1 | -1): void {
    const next = neighbour(this.board, this.rowId, by);
    if (next !== null) this.choose(next);
  }

  show(filter: Filter): void {
    this.pick.end();
    this.filter = filter;
    this.letIn();
  }

  /** Shows an alert, in whichever list it stands. */
  find(id: string): void {
    const alert = this.alert(id);
    if (!alert) return;
    this.question = '';
    if (!passes(alert, this.filter)) this.show(groupOf(alert));
    this.choose(id);
  }

  search(question: string): void {
    this.question = question;
    this.show(this.filter);
  }

  guard(): void {
    this.#movedAt = Date.now();
  }

  /** It changed just now: a key pressed now was meant for another row. */
  get isGuarded(): boolean {
    return Date.now() - this.#movedAt < GUARD_MS;
  }

  /** Asks for the evidence and the log of the selected alert, as often as the alert changes. */
  async loadDetail(): Promise<void> {
    const alert = this.selected;
    const asked = alert ? `${alert.id} ${alert.version}` : '';
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.detailFailed = false;
    if (alert?.id !== this.detail?.id) this.detail = this.#manifest = null;
    if (!alert) return;
    try {
      const detail = await api.alert(alert.id);
      if (this.#asked !== asked) return;
      this.detail = detail;
      const sealed = detail.evidence.find((file) => file.kind === 'manifest');
      const manifest = sealed ? await api.manifest(sealed.url) : null;
      if (this.#asked === asked) this.#manifest = manifest;
    } catch (error) {
      console.error('the details were not loaded', error);
      if (this.#asked !== asked) return;
      this.#asked = ''; // asked for again when the link comes back
      this.detailFailed = true;
    }
  }

  #place(still: boolean): void {
    const before = this.rowId;
    this.board = settle(this.#board(), this.wanted, still);
    const after = reselect(this.board, before, this.#chosen);
    if (after === before) return;
    this.#select(this.sourcesOf(after)[0]?.id ?? null);
    this.menu = null;
    if (before !== null) this.guard();
  }

  #select(id: string | null): void {
    this.pick.left(id);
    this.selectedId = id;
  }

  /** A real P1 that waits comes in by itself while nobody is at work, or among a drill's rows. */
  #letsUrgentIn(): boolean {
    this.board = settle(this.#board(), this.wanted, true);
    if (this.waitingUrgent.length === 0) return false;
    const shown = this.board.rows.flatMap(({ id }) => this.sourcesOf(id));
    const isAtWork = isHandOn({ lastTouchAt: this.#lastTouchAt, busy: this.#isBusy() }, Date.now());
    if (isAtWork && !shown.every((alert) => alert.exercise)) return false;
    this.#chosen &&= this.selected !== null && isUrgent(this.selected); // in place of what is less
    return true;
  }

  #board(): Board {
    return rekeyed(this.board, this.rowOf, (id) => this.sourcesOf(id).length > 0);
  }

  #isBusy(): boolean {
    if (document.querySelector('dialog[open]')) return true;
    return this.menu !== null || this.sending.size > 0 || this.searching || this.pick.ids.size > 0;
  }

  #isWorking(): boolean {
    const alert = this.selected;
    return alert?.state === 'acknowledged' && isMine(alert, this.user);
  }

  /** Why a row is on the list; it is done when all of it is closed. */
  #shownBy(alerts: readonly Alert[]): Alert | undefined {
    return (this.filter === 'closed' ? alerts.slice(0, 1) : alerts).find((one) =>
      this.#isWanted(one),
    );
  }

  #isWanted(alert: Alert): boolean {
    const isLooked = this.filter === 'open' && groupOf(alert) === 'review';
    return (isLooked || passes(alert, this.filter)) && isFound(alert, wordsOf(this.question));
  }
}
