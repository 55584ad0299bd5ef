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
});
