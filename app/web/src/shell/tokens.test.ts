// The build knows no Node: this test alone reads a file.
// @ts-expect-error no types of Node in the screens
import { globSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const css = readFileSync('src/ui/tokens.css', 'utf8');

type Tokens = Readonly<Record<string, string>>;

/** The colours of one block, by token. */
function tokensOf(selector: string): Tokens {
  const from = css.indexOf(selector);
  const block = css.slice(from, css.indexOf('}', from));
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );
}

/** WCAG 2.2, relative luminance of sRGB. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(tokens: Tokens, a: string, b: string): number {
  const [dark = 0, light = 0] = [a, b]
    .map((name) => luminance(tokens[name] ?? name))
    .sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ['bg', 'surface', 'raised', 'hover'];

describe.each([
  ['dark', ':root,\n.on-picture {'],
  ['light', ":root[data-theme='light'] {"],
])('the %s theme', (_, selector) => {
  const tokens = tokensOf(selector);

  it.each(['text', 'muted', 'late', 'ok'])('reads %s on every ground', (ink) => {
    for (const ground of GROUNDS) {
      expect(contrast(tokens, ink, ground), ground).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('reads what is dimmed where it stands, and filled buttons', () => {
    expect(contrast(tokens, 'faint', 'surface')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens, 'bg', 'text')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens, '#ffffff', 'bad')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens, 'on-p1', 'p1')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens, '#111111', 'p2')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens, '#111111', 'p3')).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['focus', 'line-strong', 'p1', 'p3', 'system'])('shows %s beside its ground', (part) => {
    const least = part === 'line-strong' ? 1.5 : 3;
    expect(contrast(tokens, part, 'bg')).toBeGreaterThanOrEqual(least);
  });
});

it('writes in the colour of the ground where a part is filled with that of the text', () => {
  const parts: string[] = globSync('src/**/*.svelte');
  const blocks = parts.flatMap((path) => readFileSync(path, 'utf8').match(/\{[^{}]*\}/g) ?? []);
  const filled = blocks.filter((block: string) => block.includes('background: var(--text);'));
  expect(filled).not.toEqual([]);
  expect(filled.filter((block: string) => /[^-]color: #/.test(block))).toEqual([]);
});
