import { describe, expect, it } from 'vitest';

import { PATHS, restOf, screenAt, SCREENS } from './routes';

describe('paths', () => {
  it.each([
    ['/', 'desk'],
    ['/wall', 'wall'],
    ['/cameras/', 'cameras'],
    ['/history/0190', 'history'],
    ['/wallpaper', 'desk'],
    ['', 'desk'],
  ])('%s is the %s', (path, screen) => expect(screenAt(path)).toBe(screen));

  it('leads back to every screen', () => {
    expect(SCREENS.map((screen) => screenAt(PATHS[screen]))).toEqual(SCREENS);
  });

  it.each([
    ['/history/0190/log', '0190/log'],
    ['/history', ''],
  ])('%s has below it "%s"', (path, rest) => expect(restOf(path)).toBe(rest));
});
