import { expect, it } from 'vitest';

const SOURCES = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});

it('every screen that hears keys asks whether it may', () => {
  const hearing = Object.entries(SOURCES).filter(([, text]) =>
    /<svelte:window[^>]*\bonkeydown\b/.test(text),
  );
  expect(hearing.length).toBeGreaterThan(5);
  expect(hearing.filter(([, text]) => !text.includes('hearsKeys()')).map(([path]) => path)).toEqual(
    [],
  );
});
