import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

const SOURCES = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** Attributes that people read or hear. */
const SPOKEN = new Set(['alt', 'aria-label', 'aria-valuetext', 'label', 'placeholder', 'title']);
const LETTER = /\p{L}/u;

type Node = { type?: string; name?: string; data?: string; value?: unknown };

/** Texts written in a component instead of coming from a catalogue. */
function wordsIn(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, spoken: boolean): void => {
    if (Array.isArray(node)) return node.forEach((each) => visit(each, spoken));
    if (typeof node !== 'object' || node === null) return;
    const { type, name, data } = node as Node;
    if (type === 'Text' && spoken && LETTER.test(data ?? '')) found.push((data ?? '').trim());
    if (type === 'StyleDirective') return;
    if (type === 'Attribute') return visit((node as Node).value, SPOKEN.has(name ?? ''));
    for (const value of Object.values(node)) visit(value, spoken);
  };
  const { fragment }: AST.Root = parse(source, { modern: true });
  visit(fragment, true);
  return found;
}

describe('no component speaks for itself', () => {
  it('finds words where they stand', () => {
    expect(wordsIn('<p class="a b">Xin chào {name}</p><img alt="a fire" src="/x.png" />')).toEqual([
      'Xin chào',
      'a fire',
    ]);
  });

  it.each(Object.entries(SOURCES))('%s', (_, source) => {
    expect(wordsIn(source)).toEqual([]);
  });
});
