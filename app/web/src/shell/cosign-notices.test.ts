import { expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { CosignNotices } from './cosign-notices';

const by = { username: 'an', name: 'An' };
const asked = (id: string) => madeAlert({ id, state: 'acknowledged', cosign_wanted_by: by });
const rowOf = (id: string) => id.split('-')[0] ?? id;

it('tells a leader of an incident once, however many of its sources wait', () => {
  const notices = new CosignNotices();
  const all = [asked('v1-a'), asked('v1-b'), asked('v2-a')];
  expect(all.filter((one) => notices.isNews(one, all, rowOf)).map(({ id }) => id)).toEqual([
    'v1-a',
    'v2-a',
  ]);
  const again = asked('v1-c'); // the others were signed meanwhile
  expect(notices.isNews(again, [again], rowOf)).toBe(true);
});
