import { describe, expect, it } from 'vitest';

import type { AlertDetail } from '../api/types';
import { evidenceOf, pictureState } from './film';
import { madeAlert } from './made';

const steps = { captured: '', inferred: '', spooled: '', queued: '', stored: '' };
const rest = { pushed: null, rendered: null, acknowledged: null, verified: null, closed: null };

function withFiles(clip: string | null, ...kinds: string[]): AlertDetail {
  const evidence = kinds.map((kind) => ({ id: kind, kind, sha256: '', bytes: 1, url: `/${kind}` }));
  return { ...madeAlert({ clip }), evidence, log: [], steps: { ...steps, ...rest } };
}

describe('the film to play', () => {
  it.each([
    ['none', withFiles(null), null],
    [
      'the seconds before, at first',
      withFiles(null, 'clip_start'),
      { url: '/clip_start', whole: false },
    ],
    [
      'the whole, once it is there',
      withFiles('/clip', 'clip_start', 'clip'),
      { url: '/clip', whole: true },
    ],
    [
      'one for browsers, where the camera speaks otherwise',
      withFiles('/clip', 'clip', 'clip_viewing'),
      { url: '/clip_viewing', whole: true },
    ],
  ])('is %s', (_, detail, film) => expect(evidenceOf(detail, detail).film).toEqual(film));

  it('is the clip while the details are still being fetched', () => {
    expect(evidenceOf(madeAlert({ clip: '/clip' }), null).film).toEqual({
      url: '/clip',
      whole: true,
    });
  });
});

describe('an alert without evidence of its own', () => {
  const before = {
    id: 'a-0',
    number: 'CB-20261125-000001',
    raised_at: '2026-11-25T01:00:00Z',
    same_event: true,
    snapshot: '/before.jpg',
    film: '/before.mp4',
  };
  const bare = { ...withFiles(null), snapshot: null, earlier: before };

  it('shows that of the alert before, where the event never ended', () =>
    expect(evidenceOf(bare, bare)).toEqual({
      snapshot: '/before.jpg',
      film: { url: '/before.mp4', whole: true },
      earlier: before,
    }));

  it.each([
    ['another event', { ...bare, earlier: { ...before, same_event: false } }],
    ['files no longer kept', { ...bare, earlier: { ...before, snapshot: null, film: null } }],
    ['no alert before', { ...bare, earlier: null }],
  ])('shows nothing: %s', (_, detail) =>
    expect(evidenceOf(detail, detail)).toEqual({ snapshot: null, film: null, earlier: null }),
  );

  it('shows its own as soon as it has one', () => {
    const detail = { ...bare, snapshot: '/own.jpg' };
    expect(evidenceOf(detail, detail)).toEqual({
      snapshot: '/own.jpg',
      film: null,
      earlier: null,
    });
  });
});

describe('the picture of an alert', () => {
  const raised = '2026-11-26T02:00:00.000Z';
  const after = (seconds: number): number => Date.parse(raised) + seconds * 1000;

  it.each([
    ['is on its way at first', {}, 3, 'comes'],
    ['is late while its store does not answer', { evidence_error: 'late: no answer' }, 8, 'late'],
    ['failed', { evidence_error: 'disk full' }, 3, 'none'],
    ['never came', {}, 90, 'none'],
    ['does not belong to a device', { rule: 'device' }, 3, 'none'],
    ['is there', { snapshot: '/picture' }, 3, 'shown'],
    ['does not belong to the system’s own alerts', { kind: 'disk_low' }, 3, 'none'],
  ])('%s', (_, changes, seconds, state) => {
    const alert = madeAlert({ raised_at: raised, snapshot: null, ...changes });
    expect(pictureState(alert, after(seconds))).toBe(state);
  });
});
