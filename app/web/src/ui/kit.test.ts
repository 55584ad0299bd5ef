import { describe, expect, it } from 'vitest';

const SOURCES = import.meta.glob<string>('../**/*.{svelte,ts}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Folders that are not laid out with the kit yet. This list may only shrink. */
const NOT_YET: readonly string[] = [];
/** What the kit does not do, and why it may stand. This list may only shrink. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'api/transport.ts': ['fetch('], // the one door
  'api/asked.svelte.ts': ['api.send', 'getJson'], // getJson, for the folders that are not converted
  'calls/caller-page.svelte.ts': ['fetch('], // a caller's phone has no login
  'cameras/still.svelte.ts': ['api.send'], // a picture, with its time in a header
  'history/save-file.ts': ['api.send'], // bytes, with their name in a header
  'incidents/incident.ts': ['api.send'], // each action has a route and a body of its own
  'live/pictures.ts': ['api.send'], // a stream of pictures
  'live/whep.ts': ['api.send'], // SDP, which is not JSON
  'link/stream.svelte.ts': ['fetch('],
  'phones/whip.ts': ['api.send'], // SDP, which is not JSON
  'walls/wall-door.svelte.ts': ['api.send'], // 202 has no body
};

/** What of a file stands in the kit or in the API's module, and nowhere else. */
const RAW: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['<button', /<button[\s>]/],
  ['<form', /<form[\s>]/],
  ['fetch(', /(?<![.\w#])fetch\(/],
  ['api.send', /\bapi\.send\(/],
  ['getJson', /\bgetJson\b/],
];

function rawIn(name: string, source: string): string[] {
  const found = RAW.filter(([, pattern]) => pattern.test(source)).map(([raw]) => raw);
  return found.filter((raw) => !(ALLOWED[name] ?? []).includes(raw));
}

const files = Object.entries(SOURCES)
  .map(([path, source]) => [path.replace('../', ''), source] as const)
  .map(([path, source]) => [path.includes('/') ? path : `ui/${path}`, source] as const)
  .filter(([path]) => !path.endsWith('.test.ts') && !path.startsWith('./'));
const isOutside = (path: string): boolean =>
  !path.startsWith('ui/') && !NOT_YET.includes(path.split('/')[0] ?? '');

describe('screens are laid out with the kit', () => {
  it.each(files.filter(([path]) => isOutside(path)))('%s has nothing raw', (path, source) => {
    expect(rawIn(path, source)).toEqual([]);
  });

  it('leaves no name in its lists that needs to be there no more', () => {
    const of = new Map(files);
    const idle = Object.entries(ALLOWED).flatMap(([path, raws]) =>
      raws.filter((raw) => !RAW.find(([name]) => name === raw)?.[1].test(of.get(path) ?? '')),
    );
    const clean = NOT_YET.filter((folder) =>
      files
        .filter(([path]) => path.startsWith(`${folder}/`))
        .every(([path, source]) => rawIn(path, source).length === 0),
    );
    expect([idle, clean]).toEqual([[], []]);
  });

  it.each([
    ['<button type="button">x</button>', ['<button']],
    ['<form>x</form>', ['<form']],
    ["await fetch('/x')", ['fetch(']],
    ["await api.send('GET', '/x')", ['api.send']],
    ["getJson('/x')", ['getJson']],
    ['<Button>x</Button><Form>y</Form> this.#fetch(1) list.fetch(2)', []],
  ])('finds what is raw: %s', (source, raw) => {
    expect(rawIn('x/X.svelte', source)).toEqual(raw);
  });
});

it('writes nothing under 13 px on a converted screen', () => {
  const small = files
    .filter(([path]) => isOutside(path) || path.startsWith('ui/'))
    .filter(([, source]) => /font-size: (?:[1-9]|1[0-2])px/.test(source))
    .map(([path]) => path);
  expect(small).toEqual(['reports/ReportScreen.svelte']); // on paper
});
