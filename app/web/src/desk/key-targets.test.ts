/** No key acts on what is not displayed as its target: every key in every state of selection. */

import { beforeEach, describe, expect, it, vi } from 'vitest';

import { BULK_ACTIONS } from '../alert/bulk';
import { api, Unreachable } from '../api/client';
import type { Action, Alert, User } from '../api/types';
import { DEFAULT_KEYS } from '../keys/keymap';
import type { Desk as DeskType } from './desk.svelte';
import { BINH, LEADER, NOBODY, OFFICER, newest, night, warehouse } from './made-night';

/** Nothing is drawn: the screens' modules need no more of a browser than this. */
function browser(dialog: object | null): void {
  const memory = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  const element = { focus: () => undefined };
  vi.stubGlobal('localStorage', memory);
  vi.stubGlobal('sessionStorage', memory);
  vi.stubGlobal('location', { pathname: '/', search: '' });
  vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
  vi.stubGlobal('Element', class {});
  vi.stubGlobal('HTMLElement', class {});
  vi.stubGlobal('document', { querySelector: () => dialog, getElementById: () => element });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
}

/** What went to the centre since the last look: of one alert, or of many. */
let sent: { ids: string[]; action: Action | null; isMany: boolean }[] = [];
/** What was done to an incident, and which row was displayed then. */
let acted: { row: string | null; action: string; id: string | null }[] = [];
let fails = false;
let now = 0;

async function seatOf(user: User, alerts: readonly Alert[]) {
  const { Watch } = await import('./watch.svelte');
  const { Desk } = await import('./desk.svelte');
  const { DeskKeys } = await import('./desk-keys');
  const { Orders } = await import('./orders.svelte');
  const watch = new Watch(NOBODY, false);
  watch.loading = 'ready';
  const burning = warehouse();
  watch.incidents.learn(burning.incident);
  watch.learn(...alerts, ...burning.alerts);
  const desk = new Desk(watch, user);
  desk.settle();
  const player = new Proxy({}, { get: () => () => undefined });
  const act = async (action: string, body: { id?: string }): Promise<boolean> => {
    acted.push({ row: desk.rowId, action, id: body.id ?? null });
    return true;
  };
  const work = { detail: null, act, join: () => act('join', {}) };
  const orders = new Orders(desk, () => undefined, work);
  const none = () => undefined;
  const keys = new DeskKeys({
    desk,
    orders,
    player: player as never,
    work: work as never,
    dispatch: () => false,
    help: none,
    search: none,
  });
  const press = async (code: string): Promise<void> => {
    now += 60_000; // no press is that of a hand which saw something else a moment ago
    const shiftKey = code.startsWith('Shift+');
    const plain = code.replace('Shift+', '');
    const key = { Slash: shiftKey ? '?' : '/', ArrowDown: 'ArrowDown', ArrowUp: 'ArrowUp' }[plain];
    const rest = { ctrlKey: false, altKey: false, metaKey: false, repeat: false, target: null };
    const event = { code: plain, key: key ?? '', shiftKey, ...rest, preventDefault: none };
    keys.press(event as unknown as KeyboardEvent);
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    desk.settle();
  };
  return { desk, watch, orders, press };
}
type Seat = Awaited<ReturnType<typeof seatOf>>;

beforeEach(() => {
  browser(null);
  sent = [];
  acted = [];
  fails = false;
  now = Date.parse('2026-11-24T07:02:00.000Z');
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  vi.spyOn(console, 'error').mockReturnValue();
  vi.spyOn(api, 'command').mockImplementation(async ({ alert, action }) => {
    sent.push({ ids: [alert.id], action, isMany: false });
    if (fails) throw new Unreachable('cut');
    return { ...(alert as Alert), version: alert.version + 1 };
  });
  vi.spyOn(api, 'commandMany').mockImplementation(async (orders) => {
    sent.push({ ids: orders.map(({ alert }) => alert), action: null, isMany: true });
    if (fails) throw new Unreachable('cut');
    return orders.map(({ alert }) => ({ alert_id: alert, alert: null, error: null }) as never);
  });
});

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
    fails = true;
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
const OF_ROWS: ReadonlySet<Action | null> = new Set<Action>([
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
  };
}

/** Presses a key and checks what it sent against what was displayed. */
async function tried({ desk, press }: Seat, code: string): Promise<void> {
  const { ticked, ofRow, selected, row } = displayed(desk);
  sent = [];
  acted = [];
  await press(code);
  for (const { ids, action, isMany } of sent) {
    if (isMany)
      expect(ticked.length > 0 ? ticked : ofRow, code).toEqual(expect.arrayContaining(ids));
    else if (OF_ROWS.has(action)) expect(ofRow, code).toEqual(expect.arrayContaining(ids));
    else expect(ids, code).toEqual([selected]);
    if (action !== null && BULK_ACTIONS.includes(action)) expect(ticked).toEqual([]);
  }
  for (const one of acted) {
    expect(one.row, code).toBe(row);
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

describe('a pick', () => {
  it('confirms no other fire than the one displayed, after D and J', async () => {
    const { desk, press } = await seatOf(OFFICER, night());
    desk.choose('gate');
    await press('KeyD');
    expect(desk.pick.ids.size).toBeGreaterThan(0);
    desk.choose('mine');
    await press('KeyC');
    expect(sent).toEqual([{ ids: ['mine'], action: 'confirm', isMany: false }]);
  });

  it.each([false, true])(
    'ends with its command (failed: %s), which names what failed',
    async (cut) => {
      fails = cut;
      const { desk, press } = await seatOf(OFFICER, night());
      await press('KeyD');
      const picked = [...desk.pick.ids];
      await press('KeyA');
      expect(desk.pick.ids.size + desk.pick.waiting).toBe(0);
      expect(desk.failed.length > 0).toBe(cut);
      if (!cut) return;
      desk.pick.failed();
      expect(picked).toEqual(expect.arrayContaining([...desk.pick.ids]));
    },
  );

  it('waits while another row is displayed, and is taken up by Y alone', async () => {
    const { desk, press } = await seatOf(OFFICER, night());
    await press('KeyY');
    desk.choose('gate');
    expect([desk.pick.ids.size, desk.pick.waiting]).toEqual([0, 1]);
    desk.choose('first');
    expect([desk.pick.ids.size, desk.pick.waiting]).toEqual([0, 1]);
    desk.choose('second');
    await press('KeyY');
    expect([...desk.pick.ids].sort()).toEqual(['first', 'second']);
  });

  it('leaves a row that another is looking at when what was closed goes', async () => {
    const { desk, press } = await seatOf(OFFICER, night());
    let answer = (_: Alert): void => undefined;
    const real = desk.alert('real') as Alert;
    vi.mocked(api.command).mockReturnValueOnce(new Promise((done) => (answer = done)));
    desk.choose('real');
    await press('KeyX');
    if (desk.menu === 'close') await press('KeyX');
    desk.choose('gate');
    answer({ ...real, state: 'closed', version: 2 });
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    expect(desk.selectedId).toBe('gate');
  });

  it('no key reaches the desk behind a dialog', async () => {
    browser({});
    const { hearsKeys } = await import('../keys/hears-keys');
    expect(hearsKeys()).toBe(false);
  });
});
