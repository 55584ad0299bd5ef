import { afterEach, describe, expect, it, vi } from 'vitest';

import { madeAlert } from '../alert/made';
import type { Alert } from './types';
import { api } from './client';
import SCHEMA from './schema.d.ts?raw';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

const SOURCES = import.meta.glob<string>(['../**/*.{svelte,ts}', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Addresses that answer a page at a time, as the centre's own document says. */
function pagedPaths(): string[] {
  const withNext = new Set(
    Array.from(
      SCHEMA.matchAll(/\n {8}(\w+): \{\n((?: {12}.*\n)*?) {12}next: /g),
      ([, name]) => name,
    ),
  );
  return Array.from(SCHEMA.matchAll(/\n {4}"\/api\/v1(\/[^"]+)": \{([^]*?)\n {4}\};/g)).flatMap(
    ([, path = '', verbs = '']) => {
      const name = /\n {8}get: operations\["(\w+)"\]/.exec(verbs)?.[1];
      const from = name === undefined ? -1 : SCHEMA.indexOf(`\n    ${name}: {`);
      const answer = from < 0 ? '' : SCHEMA.slice(from, SCHEMA.indexOf('\n    };', from));
      const told = /200: \{[^]*?\n {12}\};/.exec(answer)?.[0] ?? '';
      const is = Array.from(told.matchAll(/schemas"\]\["(\w+)"\]/g), ([, one]) => one);
      return is.some((one) => withNext.has(one)) ? [path] : [];
    },
  );
}

const PAGED = pagedPaths();

/**
 * Whether it asks for a page and takes no notice of whether there is another; `handsOn`: it may give
 * the page to who does.
 */
function cuts(source: string, path: string, handsOn = false): boolean {
  const asked = new RegExp(`['"\`]${path.replace(/\{\w+\}/g, '\\$\\{[^}]+\\}')}\\?`);
  if (!asked.test(source)) return false;
  return !(handsOn ? /\bnext\b|(Page|Search)Response\b/ : /\bnext\b/).test(source);
}

afterEach(() => vi.restoreAllMocks());

describe('what comes a page at a time', () => {
  it('is found in the document', () => {
    expect(PAGED).toEqual(expect.arrayContaining(['/alerts', '/incidents', '/calls']));
  });

  it('is cut by who reads the first page only', () => {
    const theirs = 'getJson<{ items: Alert[] }>(`/alerts?${listed}`)';
    expect(cuts(theirs, '/alerts')).toBe(true);
    expect(cuts(`${theirs}; while (page.next)`, '/alerts')).toBe(false);
  });

  it.each(Object.entries(SOURCES))('is cut without a word nowhere in %s', (file, source) =>
    expect(PAGED.filter((path) => cuts(source, path, file.endsWith('.ts')))).toEqual([]),
  );
});

describe('alerts up to a number', () => {
  function answering(pages: readonly { items: Alert[]; next: string | null }[]): string[] {
    const asked: string[] = [];
    vi.stubGlobal('fetch', (url: string) => {
      asked.push(url);
      return Promise.resolve(Response.json(pages[asked.length - 1]));
    });
    return asked;
  }
  const some = (count: number): Alert[] =>
    Array.from({ length: count }, (_, i) => madeAlert({ id: String(i) }));

  it('come page by page', async () => {
    const asked = answering([
      { items: some(200), next: 'a' },
      { items: some(40), next: null },
    ]);
    const found = await api.alertsOf({ camera: 'gate, 1' }, 300);
    expect([found.items.length, found.isCut]).toEqual([240, false]);
    expect(asked.map((url) => new URL(url, 'http://x').search)).toEqual([
      '?camera=gate%2C+1&limit=200',
      '?camera=gate%2C+1&limit=100&cursor=a',
    ]);
  });

  it('are said to be cut where there are more', async () => {
    answering([{ items: some(8), next: 'a' }]);
    const found = await api.alertsOf({}, 8);
    expect([found.items.length, found.isCut]).toEqual([8, true]);
  });
});
