import { describe, expect, it, vi } from 'vitest';

import { i18n } from '../i18n/i18n.svelte';
import { ApiError, Unreachable } from './client';
import { saidOf, saidOfCommand } from './refusal';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

const SOURCES = import.meta.glob<string>(['../**/*.{svelte,ts}', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** Here the browser's words become a reason that nobody is shown. */
const OTHERWISE = ['./transport.ts', './refusal.ts', '../link/stream.svelte.ts'];
const OF_ITS_OWN =
  /(\w+) instanceof (Api)?Error( && [^?]+)?\s*\?\s*\1\.(message|refusal\.detail)|String\((\(?error\b|problem\b)/g;

const REFUSED = new ApiError(409, { error: 'taken', detail: 'Trần B đã nhận' });
const SILENT = new Unreachable('Failed to fetch');

describe('what a person is told of what failed', () => {
  it('is what the centre said', () => {
    expect(saidOf(REFUSED)).toBe('Trần B đã nhận');
    expect(saidOfCommand(REFUSED)).toBe('Trần B đã nhận');
    expect(saidOf(REFUSED, 'Không lưu được')).toBe('Trần B đã nhận');
  });

  it('is never what the browser says of a cut network', () => {
    expect(saidOf(SILENT)).toBe(i18n.t.login.unreachable);
    expect(saidOfCommand(SILENT)).toBe(i18n.t.outcome.unreachable);
    expect(saidOf(SILENT, 'Không lưu được')).toBe('Không lưu được');
  });

  it('is nothing where nothing failed', () => {
    expect(saidOf(null)).toBe('');
    expect(saidOf(undefined, 'Không lưu được')).toBe('');
  });

  it('finds a screen that says it by itself', () => {
    const theirs = 'const why = error instanceof Error ? error.message : String(error);';
    expect(theirs.match(OF_ITS_OWN)).toHaveLength(2);
    expect(
      'problem = error instanceof ApiError ? error.refusal.detail : no'.match(OF_ITS_OWN),
    ).toHaveLength(1);
  });

  it.each(Object.entries(SOURCES).filter(([path]) => !OTHERWISE.includes(path)))(
    'is not decided by %s',
    (_, source) => expect(source.match(OF_ITS_OWN) ?? []).toEqual([]),
  );
});
