import { describe, expect, it } from 'vitest';

const SOURCES: Record<string, string> = import.meta.glob('./vi/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

describe('Vietnamese sentences', () => {
  it('write a comma in every number with decimals', () => {
    const wrong = Object.entries(SOURCES).flatMap(([path, text]) =>
      (text.match(/\.toFixed\(\d\)(?!\s*\.replace\('\.', ','\)).*/g) ?? []).map(
        (line) => `${path}: ${line}`,
      ),
    );
    expect(Object.keys(SOURCES).length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it('call an officer đồng chí; only a caller is bạn', () => {
    const spoken = Object.entries(SOURCES).filter(([, text]) =>
      /(?<!\p{L})bạn(?!\p{L})/iu.test(text),
    );
    expect(spoken.map(([path]) => path)).toEqual(['./vi/caller.ts']);
  });
});
