import { expect, it } from 'vitest';

const SOURCES = import.meta.glob<string>('../**/*.{svelte,ts}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

it('every screen that hears keys asks whether it may', () => {
  const hearing = Object.entries(SOURCES).filter(([, text]) =>
    /<svelte:window[^>]*\bonkeydown\b/.test(text),
  );
  expect(hearing.length).toBeGreaterThan(5);
  expect(
    hearing.filter(([, text]) => !/hearsKeys\(\)|isForScreen\(/.test(text)).map(([path]) => path),
  ).toEqual([]);
});

it('what a field keeps is said in one place', () => {
  const asking = Object.entries(SOURCES).filter(
    ([path, text]) =>
      !path.includes('hears-keys') &&
      (/\|TEXTAREA\|/.test(text) || /target[^;]{0,80}'(input|textarea), /.test(text)),
  );
  expect(asking.map(([path]) => path)).toEqual([]);
});
