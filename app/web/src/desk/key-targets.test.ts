/** No key acts on what is not displayed as its target: every key in every state of selection. */

import { beforeEach, describe, expect, it, vi } from 'vitest';

import { BULK_ACTIONS } from '../alert/bulk';
import { api } from '../api/client';
import type { Action, Alert } from '../api/types';
import { DEFAULT_KEYS } from '../keys/keymap';
import type { Desk as DeskType } from './desk.svelte';
import { atRest, seatOf, told, type Seat } from './key-seat';
import { BINH, LEADER, OFFICER, newest, night } from './made-night';

beforeEach(atRest);

/** How a desk comes to what it displays; each is tried with each key after it. */
const STATES: Record<string, (seat: Seat) => Promise<void> | void> = {
  'the first row': () => undefined,
  'a row that was chosen': ({ desk }) => desk.choose('gate'),
  'an incident of three sources': ({ desk }) => desk.choose('vv'),
  'another source of it': ({ desk }) => desk.choose('hall'),
  'a source that its digit displayed': async ({ desk, press }) => {
    desk.choose('vv');
    await press('Digit2');
  },
  'an incident, picked': async ({ desk, press }) => {
    desk.choose('vv');
    await press('KeyY');
  },
  'a rejection that waits for a leader': ({ desk }) => desk.choose('waits'),
  'the reason that a leader signs': async ({ desk, press }) => {
    desk.choose('waits');
    await press('Enter');
    expect(desk.menu).toBe('reject');
  },
  'a group, as a leader': async ({ desk, press }) => {
    desk.choose('waits');
    await press('KeyD');
  },
  'one picked': ({ press }) => press('KeyY'),
  'several picked': ({ press }) => press('KeyD'),
  'several picked one by one': async ({ press }) => {
    for (const code of ['KeyY', 'KeyJ', 'KeyJ', 'KeyY']) await press(code);
  },
  'J after a pick of one': async ({ press }) => {
    for (const code of ['KeyY', 'KeyJ']) await press(code);
  },
  'J out of a group': async ({ desk, press }) => {
    await press('KeyD');
    for (let i = 0; i < 9 && desk.pick.ids.size > 0; i += 1) await press('KeyJ');
  },
  'a click out of a group': async ({ desk, press }) => {
    await press('KeyD');
    desk.choose('gate');
  },
  'a click out of a group and back': async ({ desk, press }) => {
    await press('KeyD');
    desk.choose('gate');
    desk.choose('first');
  },
  'one taken out of a group': async ({ press }) => {
    for (const code of ['KeyD', 'KeyY']) await press(code);
  },
  'a pick that was dropped': async ({ press }) => {
    for (const code of ['KeyD', 'Escape']) await press(code);
  },
  'after a command for many': async ({ press }) => {
    for (const code of ['KeyD', 'KeyA']) await press(code);
  },
  'after a command for many that failed': async ({ press }) => {
    told.fails = true;
    for (const code of ['KeyD', 'KeyA']) await press(code);
  },
  'after a closing': async ({ desk, press }) => {
    desk.choose('real');
    await press('KeyX');
  },
  'the reasons of one': async ({ desk, press }) => {
    desk.choose('mine');
    await press('KeyR');
  },
  'the reasons of many': async ({ press }) => {
    for (const code of ['KeyD', 'KeyR']) await press(code);
  },
  'a note for many': async ({ press }) => {
    for (const code of ['KeyD', 'KeyM']) await press(code);
  },
  'the reasons of one, then a pick': async ({ desk, press }) => {
    desk.choose('mine');
    for (const code of ['KeyR', 'KeyD']) await press(code);
  },
  'a rejection under way, then a pick': async ({ orders, press }) => {
    vi.mocked(api.command).mockReturnValueOnce(new Promise(() => undefined));
    orders.press('acknowledge');
    orders.press('reject'); // waits for the acknowledgement
    await press('KeyD');
  },
  'a command for many under way': async ({ press }) => {
    vi.mocked(api.commandMany).mockReturnValueOnce(new Promise(() => undefined));
    for (const code of ['KeyD', 'KeyA']) await press(code);
  },
  'a new P1 in the strip': async ({ desk, watch, press }) => {
    await press('KeyJ');
    watch.learn(newest());
    desk.settle();
    expect(desk.board.held).toContain('new');
  },
  'a new P1 of the group in the strip, then a pick': async ({ desk, watch, press }) => {
    await press('KeyJ');
    watch.learn(newest());
    desk.settle();
    await press('KeyD');
  },
  'a filter that hides the picked ones': async ({ desk, press }) => {
    await press('KeyD');
    desk.show('closed');
  },
  'a search that hides the picked ones': async ({ desk, press }) => {
    await press('KeyD');
    desk.search('Hai Bà Trưng');
  },
  'a pick within a search': async ({ desk, press }) => {
    desk.search('CB');
    await press('KeyD');
  },
  'the displayed one of a pick is closed by another': async ({ desk, watch, press }) => {
    await press('KeyD');
    const shown = desk.selected as Alert;
    watch.learn({ ...shown, state: 'closed', version: 9, verdict_by: BINH });
    desk.settle();
  },
  'another one of a pick is closed by another': async ({ desk, watch, press }) => {
    await press('KeyD');
    const other = desk.pick.alerts.find(({ id }) => id !== desk.selectedId) as Alert;
    watch.learn({ ...other, state: 'closed', version: 9, verdict_by: BINH });
    desk.letIn();
  },
};

const ARROWS = ['ArrowDown', 'ArrowUp'];
const DIGITS = Array.from({ length: 10 }, (_, digit) => `Digit${digit}`);
const KEYS = [...new Set([...Object.values(DEFAULT_KEYS), ...DIGITS, ...ARROWS])];

/** What is done to all of a row; a verdict is of the displayed source alone. */
const OF_ROWS: ReadonlySet<string | null> = new Set<Action>([
  'acknowledge',
  'claim',
  'close',
  'hand_over',
]);

/** What stands on the screen as the target: the ticked rows of the list, or the source displayed. */
function displayed(desk: DeskType) {
  const rows = desk.board.rows.map(({ id }) => id);
  const ticked = rows.filter((id) => desk.pick.ids.has(id));
  expect(desk.pick.ids.size, 'what is picked is on the list').toBe(ticked.length);
  if (ticked.length > 0) expect(ticked, 'what is displayed is picked').toContain(desk.rowId);
  const ofRows = (ids: readonly (string | null)[]) =>
    ids.flatMap((id) => desk.sourcesOf(id).map((one) => one.id));
  return {
    ticked: ofRows(ticked),
    ofRow: ofRows([desk.rowId]),
    selected: desk.selectedId,
    row: desk.rowId,
    rows: ticked.length > 0 ? ticked : [desk.rowId],
  };
}

/** Presses a key and checks what it sent against what was displayed. */
async function tried({ desk, press }: Seat, code: string): Promise<void> {
  const { ticked, ofRow, selected, row, rows } = displayed(desk);
  told.sent = [];
  told.acted = [];
  await press(code);
  for (const { ids, action, isMany } of told.sent) {
    if (isMany)
      expect(ticked.length > 0 ? ticked : ofRow, code).toEqual(expect.arrayContaining(ids));
    else if (OF_ROWS.has(action)) expect(ofRow, code).toEqual(expect.arrayContaining(ids));
    else expect(ids, code).toEqual([selected]);
    if (action !== null && BULK_ACTIONS.includes(action)) expect(ticked).toEqual([]);
  }
  for (const one of told.acted) {
    expect(OF_ROWS.has(one.action) ? rows : [row], code).toContain(one.row);
    if (one.action === 'separate') expect(one.id, code).toBe(selected);
  }
  displayed(desk);
}

describe('no key acts on what is not displayed', () => {
  const reached = async (state: string): Promise<Seat> => {
    const seat = await seatOf(state.includes('leader') ? LEADER : OFFICER, night());
    await STATES[state]?.(seat);
    return seat;
  };

  it.each(Object.keys(STATES))(
    '%s: each key, and each command after it',
    async (state) => {
      for (const code of KEYS) {
        await tried(await reached(state), code);
        for (const next of ['KeyA', 'KeyC', 'KeyX']) {
          const seat = await reached(state);
          await tried(seat, code);
          await tried(seat, next);
        }
      }
    },
    60_000,
  );
});
