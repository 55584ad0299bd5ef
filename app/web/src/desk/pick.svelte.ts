/**
 * The rows that the next command is for, all at once. A pick is in force while the row that is
 * displayed is one of it, and holds rows of the list alone: nothing that is not displayed is
 * commanded. It ends with its command, whatever came of that; with the choice of another row, it
 * waits until the officer adds a row to it.
 */

import { groupAround } from '../alert/bulk';
import type { Alert } from '../api/types';
import type { Board } from './board';
import type { Watch } from './watch.svelte';

/** What a pick is made on. */
interface List {
  readonly watch: Watch;
  readonly board: Board;
  readonly selected: Alert | null;
  readonly rowId: string | null;
  failed: readonly { readonly id: string; readonly why: string }[];
  menu: unknown;
  rowOf(alertId: string): string;
  sourcesOf(rowId: string | null): readonly Alert[];
  choose(id: string): void;
}

const NONE: ReadonlySet<string> = new Set();

export class Pick {
  #marked = $state.raw<ReadonlySet<string>>(NONE);
  #isInForce = $state(false);

  constructor(private readonly desk: List) {}

  /** Marked rows that are on the list, in its order. */
  readonly #listed: readonly string[] = $derived.by(() => {
    // An alert that was marked stands in its incident's row by now.
    const marked = new Set([...this.#marked].map((id) => this.desk.rowOf(id)));
    return this.desk.board.rows
      .map(({ id }) => id)
      .filter((id) => marked.has(this.desk.rowOf(id)) && this.desk.sourcesOf(id).length > 0);
  });
  /** What the next command is for; empty: the displayed alert. */
  readonly ids: ReadonlySet<string> = $derived.by(() =>
    this.#isInForce && this.#listed.includes(this.desk.rowId ?? '') ? new Set(this.#listed) : NONE,
  );
  /** How many rows wait to be taken up again: no command is for them now. */
  readonly waiting: number = $derived.by(() => (this.ids.size > 0 ? 0 : this.#listed.length));
  readonly alerts: readonly Alert[] = $derived.by(() =>
    this.ids.size === 0
      ? []
      : [...this.ids]
          .flatMap((id) => this.desk.sourcesOf(id))
          .filter(({ state }) => state !== 'closed'),
  );
  readonly cameras: number = $derived.by(
    () => new Set(this.alerts.map(({ camera }) => camera)).size,
  );

  /** Marks these rows, and no others. */
  set(ids: Iterable<string>): void {
    this.#marked = new Set(ids);
    this.#isInForce = true;
    this.desk.failed = [];
    this.desk.menu = null;
  }

  end(): void {
    this.#marked = NONE;
    this.#isInForce = false;
  }

  /** Another row is displayed from now on. */
  left(id: string | null): void {
    if (id === null || !this.ids.has(id)) this.#isInForce = false;
  }

  /** Adds the displayed row to the marked ones, or takes it out of a pick that is in force. */
  toggle(): void {
    const id = this.desk.rowId;
    if (id === null) return;
    if (!this.ids.has(id)) return this.set([...this.#listed, id]);
    this.set(this.#listed.filter((each) => each !== id));
    this.#isInForce = false;
  }

  /** Picks what is listed of the displayed alert's kind in its ward, or none if all are picked. */
  group(): void {
    const { selected, board, watch } = this.desk;
    if (!selected) return;
    const alike = new Set(groupAround(selected, watch.alerts).map((id) => this.desk.rowOf(id)));
    const group = board.rows.map(({ id }) => id).filter((id) => alike.has(id));
    if (group.every((id) => this.ids.has(id))) this.end();
    else this.set(group);
  }

  /** Picks what the last command was not done to. */
  failed(): void {
    const failed = new Set(this.desk.failed.map(({ id }) => this.desk.rowOf(id)));
    const first = this.desk.board.rows.find(({ id }) => failed.has(id));
    if (first === undefined) return;
    this.desk.choose(first.id);
    this.set(failed);
  }
}
