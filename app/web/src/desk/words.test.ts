import { describe, expect, it } from 'vitest';

import { placeLine } from './words';

describe('the place of an alert', () => {
  it.each([
    ['Hàng Bài', 'Phường Hoàn Kiếm', 'Hàng Bài · Phường\u00a0Hoàn\u00a0Kiếm'],
    ['Hàng Bài – phường Hoàn Kiếm', 'Phường Hoàn Kiếm', 'Hàng Bài – phường Hoàn Kiếm'],
    ['Hàng Bài', null, 'Hàng Bài'],
  ])('%s in %s', (name, place, line) => {
    expect(placeLine({ camera_name: name, place })).toBe(line);
  });
});
