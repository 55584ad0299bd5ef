import { describe, expect, it } from 'vitest';

import type { Alert } from '../api/types';
import { liveBoxes } from './live-boxes';
import { madeAlert } from './made';

const SEEN = '2026-11-24T07:00:00.000Z';
const at = (seconds: number) => Date.parse(SEEN) + seconds * 1000;
const seen = (part: Partial<Alert> = {}) =>
  madeAlert({ camera: 'here', last_seen_at: SEEN, ...part });

describe('boxes over live view', () => {
  it.each([
    [1, 1, true],
    [3, 1, true],
    [4, 1, false],
    [15, 1, false],
    [16, 0, false],
  ])('after %i s there are %i', (seconds, count, fresh) => {
    const boxes = liveBoxes([seen()], 'here', at(seconds));
    expect(boxes).toHaveLength(count);
    if (count) expect(boxes[0]).toMatchObject({ isFresh: fresh, agoS: seconds });
  });

  it.each<[string, Partial<Alert>]>([
    ['another camera’s', { camera: 'there' }],
    ['what is over', { condition: 'cleared' }],
    ['what is closed', { state: 'closed' }],
    ['the watch’s own troubles', { box: [0, 0, 0, 0] }],
  ])('leave out %s', (_, part) => expect(liveBoxes([seen(part)], 'here', at(0))).toEqual([]));

  it('are never older than now', () => {
    expect(liveBoxes([seen()], 'here', at(-2))[0]?.agoS).toBe(0);
  });
});
