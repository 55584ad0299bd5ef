import { describe, expect, it } from 'vitest';

import type { AlertDetail } from '../api/types';
import { filmOf } from './film';
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
  ])('is %s', (_, detail, film) => expect(filmOf(detail, detail)).toEqual(film));

  it('is the clip while the details are still being fetched', () => {
    expect(filmOf(madeAlert({ clip: '/clip' }), null)).toEqual({ url: '/clip', whole: true });
  });
});
