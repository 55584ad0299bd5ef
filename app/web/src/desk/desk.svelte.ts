/**
 * The officer's desk: which rows are shown and in what order, which one is selected, and what its
 * evidence is. Rows keep their places until the officer lets them move (see board.ts).
 */

import { isMine, mayAct, mends } from '../alert/life';
import { sightingOf, type Sighting } from '../alert/first-picture';
import { groupOf, wordsOf, type Filter } from '../alert/triage';
import type { Action, Alert, AlertDetail, SourceReason, User } from '../api/types';
import type { Entry } from '../incidents/entries';
import { isOver } from '../incidents/standing';
import type { OpenPoint, Row as WorkRow, Source } from '../incidents/incident';
import {
  EMPTY_BOARD,
  GUARD_MS,
  isHandOn,
  letInFirst,
  neighbour,
  READ_MS,
  rekeyed,
  reselect,
  settle,
  type Board,
  type Row,
} from './board';
import { countsOf, isListed, type Counts } from './filters';
import { Evidence } from './detail.svelte';
import * as open from './open-rows';
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
  readonly evidence = new Evidence();
  /** How far a command for many alerts has come. */
  bulk = $state.raw<{ action: Action; done: number; total: number } | null>(null);
  /** Of the last command for many: which alerts it was not done to, and why. */
  failed = $state.raw<readonly { readonly id: string; readonly why: string }[]>([]);
  /** Alerts whose command is on its way to the centre, and which command. */
  sending = $state.raw<ReadonlyMap<string, Action>>(new Map());
  /** What the centre found open of a row to be closed (null: not answered), and what it misses then. */
  openPoints = $state.raw<readonly OpenPoint[] | null>(null);
  closeProblem = $state('');
  searching = $state(false);
  /** The officer picked the row; it is not merely the first one. */
  #chosen = false;
  #lastTouchAt = 0;
  #wasLaidOut = false;
  #movedAt = 0;
  #menuAt = 0;
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

  /** How many rows each list has; of what is open the centre's number, while it has more. */
  readonly counts: Counts & { readonly open: number } = $derived.by(() => {
    const { alerts, worklist } = this.watch;
    const most = worklist.hasMore ? worklist.count : 0;
    return { ...countsOf(alerts, worklist), open: Math.max(this.#open.length, most) };
  });
  readonly #open: readonly Row[] = $derived.by(() => open.openRows(this.watch));
  readonly wanted: readonly Row[] = $derived.by(() => {
    const words = wordsOf(this.question);
    if (this.filter !== 'open') return open.listedRows(this.watch, this.filter, words);
    return open.foundRows(this, this.#open, words);
  });
  readonly selected: Alert | null = $derived.by(() => this.alert(this.selectedId));
  readonly commanded: readonly Alert[] = $derived.by(() =>
    this.pick.ids.size > 0 ? this.pick.alerts : this.selected ? [this.selected] : [],
  );
  /** The row of the source that is displayed. */
  readonly rowId: string | null = $derived.by(() =>
    this.selectedId === null ? null : this.rowOf(this.selectedId),
  );
  readonly row: WorkRow | null = $derived.by(() => this.watch.worklist.get(this.rowId));
  readonly incident: WorkRow | null = $derived.by(() =>
    this.row?.type === 'incident' ? this.row : null,
  );
  /** The displayed source as its row lists it: an alert, a call, a message. */
  readonly source: Source | null = $derived.by(
    () => this.row?.sources.find(({ id }) => id === this.selectedId) ?? null,
  );
  readonly shownDetail: AlertDetail | null = $derived.by(() =>
    this.evidence.detail?.id === this.selectedId ? this.evidence.detail : null,
  );
  readonly sighting: Sighting | null = $derived.by(() =>
    this.selected ? sightingOf(this.selected, this.evidence.manifest) : null,
  );
  /** Real P1 that wait beside the list, or came into work that somebody holds. */
  readonly waitingUrgent: readonly Entry[] = $derived.by(() =>
    open.besideList(this.watch.urgent, this.board, this.rowId),
  );
  /** P1 that wait, and that the filter or the search keeps off the list. */
  readonly hiddenUrgent: number = $derived.by(() => {
    const listed = new Set(this.wanted.map(({ id }) => id));
    return this.watch.urgent.filter(({ id }) => !listed.has(id)).length;
  });

  /** The incident that a source stands in, else the source itself. */
  readonly rowOf = (sourceId: string): string => this.watch.worklist.rowOf(sourceId);

  /** The alerts of a row, what names it in front (`inTurn`). */
  sourcesOf(rowId: string | null): readonly Alert[] {
    const row = this.watch.worklist.get(rowId);
    const ids = row?.type === 'incident' ? row.sources.map(({ id }) => id) : [rowId];
    const found = ids.flatMap((id) => this.alert(id) ?? []);
    return open.inTurn(found, this.user);
  }

  /** Why the displayed source may be false. */
  readonly reasons: readonly SourceReason[] = $derived.by(() =>
    open.reasonsFor(this.commanded, this.source),
  );

  alert(id: string | null): Alert | null {
    if (id === null) return null;
    return this.watch.book.get(id)?.alert ?? this.watch.worklist.get(id)?.alert ?? null;
  }

  /** The hand is on the desk: rows stay where they are. */
  touch(): void {
    this.#lastTouchAt = Date.now();
  }

  /** Takes in what may come in by itself; called when alerts change and as time passes. */
  settle(): void {
    // Changes may come before the lists do: until they have, they hold nothing back.
    const comes = this.#wasLaidOut ? this.#urgentThatComes() : null;
    const isLookingAtOne = this.#isLookingAtUrgent();
    this.#place(this.#wasLaidOut && comes === null);
    if (comes !== null && !isLookingAtOne) this.#show(this.#firstOf(comes.id));
    this.#wasLaidOut ||= this.watch.loading === 'ready' && this.watch.worklist.isLoaded;
  }

  /** Puts the list in order now and looks at its first row, unless one is being worked. */
  letIn(): void {
    this.#chosen = this.#isWorking();
    this.#place(false);
    this.#movedAt = 0;
    this.moved += 1;
  }

  /** The officer asks for what waits: the first P1 that is not displayed, else the held strip's first. */
  showHeld(): void {
    const { urgent } = this.watch;
    const at = urgent.findIndex(({ id }) => id === this.rowId);
    const next = urgent[at + 1] ?? urgent[0];
    if (next && next.id !== this.rowId) return this.find(next.id);
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
    this.#select(this.#firstOf(id));
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

  /** Shows an alert or a row, in whichever list it stands. */
  find(id: string): void {
    const alert = this.alert(id);
    const row = this.watch.worklist.get(this.rowOf(id));
    if (!alert && !row) return;
    this.question = '';
    const isOpen = row ? !isOver(row) : alert !== null && open.isShown(alert);
    const stays = alert && isListed(alert, this.filter, this.watch.worklist);
    this.show(stays ? this.filter : isOpen || !alert ? 'open' : groupOf(alert));
    this.choose(id);
  }

  search(question: string): void {
    this.question = question;
    this.show(this.filter);
  }

  guard(): void {
    this.#movedAt = Date.now();
  }

  /** A menu was shown just now: what it proposes cannot have been read. */
  get isUnread(): boolean {
    return Date.now() - this.#menuAt < READ_MS;
  }

  open(menu: NonNullable<Desk['menu']>): void {
    this.openPoints = null;
    this.closeProblem = '';
    this.menu = menu;
    this.#menuAt = Date.now();
  }

  /** It changed just now: a key pressed now was meant for another row. */
  get isGuarded(): boolean {
    return Date.now() - this.#movedAt < GUARD_MS;
  }

  #place(still: boolean): void {
    const before = this.rowId;
    this.board = settle(this.#board(), this.wanted, still);
    const after = reselect(this.board, before, this.#chosen);
    if (after === before) return;
    this.#select(after === null ? null : this.#firstOf(after));
    this.menu = null;
    if (before !== null) this.guard();
  }

  #select(id: string | null): void {
    this.pick.left(id);
    this.selectedId = id;
  }

  /** A real P1 that waits comes in by itself while nobody is at work, or among a drill's rows. */
  #urgentThatComes(): Entry | null {
    this.board = settle(this.#board(), this.wanted, true);
    const first = this.waitingUrgent.find(({ isAnswered }) => !isAnswered);
    if (!first) return null;
    const shown = this.board.rows.flatMap(({ id }) => this.sourcesOf(id));
    const isAtWork = isHandOn({ lastTouchAt: this.#lastTouchAt, busy: this.#isBusy() }, Date.now());
    if (isAtWork && !shown.every((alert) => alert.exercise)) return null;
    this.#chosen &&= this.#isLookingAtUrgent(); // what is less gives way
    return first;
  }

  #isLookingAtUrgent(): boolean {
    return this.watch.urgent.some(({ id, isAnswered }) => !isAnswered && id === this.rowId);
  }

  /** Displays what came by itself; it stays as if the officer had chosen it, below an older P1 too. */
  #show(id: string): void {
    this.#chosen = true;
    if (id === this.selectedId) return;
    this.#select(id);
    this.menu = null;
    this.moved += 1;
    this.guard();
  }

  #board(): Board {
    const isKnown = (id: string): boolean =>
      this.watch.worklist.get(id) !== null || this.alert(id) !== null;
    return rekeyed(this.board, this.rowOf, isKnown);
  }

  #isBusy(): boolean {
    if (document.querySelector('dialog[open]')) return true;
    return this.menu !== null || this.sending.size > 0 || this.searching || this.pick.ids.size > 0;
  }

  #isWorking(): boolean {
    const alert = this.selected;
    return alert?.state === 'acknowledged' && isMine(alert, this.user);
  }

  #firstOf(id: string): string {
    return open.leadOf(this.watch.worklist.get(id), this.sourcesOf(id))?.id ?? id;
  }
}
