/** A pick: in force while a row of it is displayed, over with its command. */

import { beforeEach, describe, expect, it, vi } from 'vitest';

import { api } from '../api/client';
import type { Alert } from '../api/types';
import { atRest, browser, seatOf, told } from './key-seat';
import { listOf, newest, night, OFFICER, rowOf } from './made-night';

beforeEach(atRest);

describe('a pick', () => {
  it('confirms no other fire than the one displayed, after D and J', async () => {
    const { desk, press } = await seatOf(OFFICER, night());
    desk.choose('gate');
    await press('KeyD');
    expect(desk.pick.ids.size).toBeGreaterThan(0);
    desk.choose('mine');
    await press('KeyC');
    expect(told.sent).toEqual([{ ids: ['mine'], action: 'confirm', isMany: false }]);
  });

  it.each([false, true])(
    'ends with its command (failed: %s), which names what failed',
    async (cut) => {
      told.fails = cut;
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

  it('stays on a new alert whose incident is opened meanwhile', async () => {
    const { desk, watch, press } = await seatOf(OFFICER, night());
    watch.learn(newest());
    desk.letIn();
    for (const id of ['gate', 'new']) {
      desk.choose(id);
      await press('KeyY');
    }
    await watch.worklist.take([listOf([...watch.alerts], [rowOf(['new'], { id: 'v2' })])]);
    desk.settle();
    expect([...desk.pick.ids].sort()).toEqual(['gate', 'v2']);
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
