import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { i18n } from '../i18n/i18n.svelte';
import { ApiError, Unreachable } from '../api/client';
import { notices } from './notices.svelte';
import { pageFaults } from './page-faults.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

let page: EventTarget;
let stop: () => void;

function happens(name: 'error' | 'unhandledrejection', what: object): void {
  page.dispatchEvent(Object.assign(new Event(name), what));
}

beforeEach(() => {
  page = new EventTarget();
  vi.stubGlobal('window', page);
  vi.spyOn(console, 'error').mockReturnValue();
  stop = pageFaults.start();
  pageFaults.at = null;
  notices.clear();
});

afterEach(() => {
  stop();
  vi.restoreAllMocks();
});

describe('faults of the page', () => {
  it('tells of an error that nobody caught, since the first', () => {
    vi.useFakeTimers({ now: 5_000 });
    happens('error', { error: new TypeError('x is null') });
    vi.advanceTimersByTime(3_000);
    happens('error', { error: new TypeError('x is null') });
    expect(pageFaults.at).toBe(5_000);
    vi.useRealTimers();
  });

  it('tells of a promise that nobody waited for', () => {
    happens('unhandledrejection', { reason: new TypeError('x is null') });
    expect(pageFaults.at).not.toBeNull();
  });

  it('tells what became of a request that no part of the screen tells of', () => {
    happens('unhandledrejection', {
      reason: new ApiError(403, { error: 'forbidden', detail: 'Đồng chí không có quyền' }),
    });
    happens('unhandledrejection', { reason: new Unreachable('Failed to fetch') });
    expect(notices.list.map(({ text }) => text)).toEqual([
      'Đồng chí không có quyền',
      i18n.t.outcome.unreachable,
    ]);
    expect(pageFaults.at).toBeNull();
  });

  it('takes what the browser remarks or was told to stop for no fault', () => {
    happens('error', { error: null, message: 'ResizeObserver loop completed' });
    happens('unhandledrejection', { reason: new DOMException('stopped', 'AbortError') });
    expect(pageFaults.at).toBeNull();
    expect(notices.list).toEqual([]);
  });

  it('hears nothing once it is ended', () => {
    stop();
    happens('error', { error: new TypeError('x is null') });
    expect(pageFaults.at).toBeNull();
  });
});
