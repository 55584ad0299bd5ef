import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

const SOURCES = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Rows that are words, told apart by their number: nothing of them can be missing. */
const WORDS = [
  'crews/CrewIncidentView.svelte: detail.said', // lines of a text
  'ui/Table.svelte: head', // names of columns
];
/** Where a row may stand only as this element. */
const STRICT = ['li', 'tr', 'td', 'dt', 'option'];

type Part = AST.Fragment['nodes'][number];

describe('a row that cannot be drawn', () => {
  it.each(Object.entries(SOURCES))('takes no other with it in %s', (path, source) => {
    const name = path.replace('../', '');
    const wrong = eachBlocks(source)
      .filter((each) => !isOfWords(each, source))
      .filter((each) => !WORDS.includes(`${name}: ${textOf(each.expression, source)}`))
      .map((each) => problemOf(each, source))
      .filter((problem) => problem !== null);
    expect(wrong).toEqual([]);
  });

  it('is looked for where rows are', () => {
    const found =
      Object.values(SOURCES)
        .join('')
        .match(/\{#each /g) ?? [];
    expect(found.length).toBeGreaterThan(200);
  });

  it.each([
    ['{#each rows as row (row.id)}<li>{row.name}</li>{/each}', 1],
    ['{#each rows as row (row.id)}{@const a = row.a.b}<SafeRow of={row} />{/each}', 1],
    ['{#each rows as row (row.id)}<li class={row.a.b}><SafeRow of={row} /></li>{/each}', 1],
    ['{#each rows as row (row.id)}<SafeRow of={row} as="div"><li>a</li></SafeRow>{/each}', 1],
    ['{#each rows as row (row.id)}<option>{row.name.vi}</option>{/each}', 1],
    ['{#each rows as row (row.id)}<SafeRow of={row}><li>{row.a}</li></SafeRow>{/each}', 0],
    ['{#each rows as row, i (row.id)}<li class={i}><SafeRow of={row} as="p" /></li>{/each}', 0],
    ['{#each rows as row (row.id)}<option value={row.id}>{row.name}</option>{/each}', 0],
    ['{#each words as word (word)}<li>{word}</li>{/each}', 0],
    ['{#each STATES as state, i (i)}<li>{state}</li>{/each}', 0],
  ])('is found by this scan: %s', (source, problems) => {
    const wrong = eachBlocks(source)
      .filter((each) => !isOfWords(each, source))
      .filter((each) => problemOf(each, source) !== null);
    expect(wrong).toHaveLength(problems);
  });
});

function eachBlocks(source: string): AST.EachBlock[] {
  const found: AST.EachBlock[] = [];
  walk(parse(source, { modern: true }).fragment, (node) => {
    if (node.type === 'EachBlock') found.push(node as AST.EachBlock);
  });
  return found;
}

/** A row that is its own key is a word or a number; so are pairs of words, and a file's constants. */
function isOfWords({ context, key, expression }: AST.EachBlock, source: string): boolean {
  if (context === null || context.type === 'ArrayPattern') return true;
  if (key && textOf(key, source) === textOf(context, source)) return true;
  return /^([A-Z_]+$|\[)/.test(textOf(expression, source));
}

function problemOf(each: AST.EachBlock, source: string): string | null {
  const { context, expression, body } = each;
  const where = `{#each ${textOf(expression, source)}}`;
  const parts = drawn(body);
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.type === 'RegularElement' && only.name === 'option' && isPlain(only)) return null;
  if (isSafe(only)) return fits(only) ? null : `${where}: as="…" is not the row's element`;
  if (only?.type === 'RegularElement') {
    const inside = drawn(only.fragment);
    const readsRow = only.attributes.some((one) => reads(one, namesOf(context)));
    if (inside.length === 1 && isSafe(inside[0]) && !readsRow) return null;
  }
  return `${where}: its row stands in no SafeRow`;
}

function isSafe(part: Part | undefined): part is AST.Component {
  return part?.type === 'Component' && part.name === 'SafeRow';
}

/** A `li` cannot stand in for a `tr`. */
function fits(row: AST.Component): boolean {
  const given = row.attributes.find((one) => one.type === 'Attribute' && one.name === 'as');
  const value = given?.type === 'Attribute' && Array.isArray(given.value) ? given.value[0] : null;
  const as = value?.type === 'Text' ? value.data : 'li';
  const first = drawn(row.fragment).find((part) => part.type !== 'ConstTag');
  const tag = first?.type === 'RegularElement' ? first.name : null;
  if (tag !== null && STRICT.includes(tag)) return as === tag;
  return tag === null || !STRICT.includes(as);
}

/** An option whose words are fields of the record as they stand: null is drawn as nothing. */
function isPlain(option: AST.RegularElement): boolean {
  let plain = true;
  walk(option, (node) => {
    const { type, object } = node as { type: string; object?: { type: string } };
    if (type === 'CallExpression') plain = false;
    if (type === 'MemberExpression' && object?.type !== 'Identifier') plain = false;
  });
  return plain;
}

function drawn(fragment: AST.Fragment): Part[] {
  return fragment.nodes.filter(
    (node) =>
      node.type !== 'Comment' &&
      node.type !== 'SnippetBlock' &&
      !(node.type === 'Text' && node.data.trim() === ''),
  );
}

function namesOf(context: AST.EachBlock['context']): string[] {
  const names: string[] = [];
  walk(context, (node) => {
    if (node.type === 'Identifier') names.push((node as unknown as { name: string }).name);
  });
  return names;
}

function reads(node: unknown, names: readonly string[]): boolean {
  let found = false;
  walk(node, (one) => {
    if (one.type === 'Identifier' && names.includes((one as { name?: string }).name ?? ''))
      found = true;
  });
  return found;
}

function textOf(node: unknown, source: string): string {
  const { start, end } = node as { start: number; end: number };
  return source.slice(start, end).replace(/\s+/g, ' ');
}

function walk(node: unknown, visit: (node: { type: string }) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && typeof node.type === 'string') visit(node as { type: string });
  for (const inner of Object.values(node)) walk(inner, visit);
}
