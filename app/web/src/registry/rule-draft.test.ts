import { render } from 'svelte/server';
import { afterAll, describe, expect, it, vi } from 'vitest';

import { plainKind, TOY } from './made-kinds';
import { changeOf, draftOf, freeId, ruleOf } from './rule-draft';
import { fieldsOf, shapesOf, valuesOf } from './rule-settings';

afterAll(() => vi.unstubAllGlobals());

describe('fields drawn from a schema', () => {
  it('are all settings of the kind, in the order and with the bounds of the centre', () => {
    const fields = fieldsOf(TOY);
    expect(fields.map(({ path, type }) => [path, type])).toEqual([
      ['seconds', 'number'],
      ['priority', 'choice'],
      ['hours', 'list'],
      ['confirm.looks', 'number'],
      ['confirm.of', 'number'],
      ['colours', 'choices'],
      ['quietly', 'switch'],
      ['source', 'text'],
    ]);
    expect(fields[0]).toMatchObject({ min: 0, max: 600, step: 'any', standard: 30 });
    expect(fields[3]).toMatchObject({ min: 1, max: 50, step: 1, standard: 4 });
    expect(fields.at(-1)).toMatchObject({ longest: 64 });
    expect(shapesOf(plainKind('exit', 'line'))).toEqual(['zone', 'line']);
  });

  it('are inputs with their names, bounds and what holds now', async () => {
    vi.stubGlobal('localStorage', { getItem: () => null });
    const { default: SettingFields } = await import('./SettingFields.svelte');
    const values = valuesOf(fieldsOf(TOY), { seconds: 45 });
    const { body } = render(SettingFields, { props: { kind: TOY, values, change: () => {} } });
    expect(body).toMatch(
      /Bao lâu \(giây\)<\/span>\s*<input type="number" value="45" min="0" max="600"/,
    );
    expect(body).toMatch(/<option value="2" selected[^>]*>/);
    for (const name of ['Giờ', 'Thấy trong (lượt)', 'Màu', 'Im lặng', 'source', 'đỏ', 'odd'])
      expect(body).toContain(name);
    expect(body.match(/<(input|select)\b/g)).toHaveLength(9);
  });
});

describe('a rule from the form', () => {
  const fresh = draftOf(TOY);
  const drawn = { shapes: { zone: 'yard', line: '' }, values: fresh.values };

  it('says what was chosen, and nothing of what holds without', () => {
    expect(ruleOf(TOY, drawn)).toEqual({ kind: 'toy', zone: 'yard' });
    const values = {
      ...fresh.values,
      seconds: '12.5',
      priority: '1',
      hours: '22:00-05:00, 12:00-13:00',
      'confirm.looks': '2',
      colours: ['red', 'odd'],
      quietly: true,
      source: ' DI 1 ',
    };
    expect(ruleOf(TOY, { ...drawn, values })).toEqual({
      kind: 'toy',
      zone: 'yard',
      seconds: 12.5,
      priority: 1,
      hours: ['22:00-05:00', '12:00-13:00'],
      confirm: { looks: 2 },
      colours: ['red', 'odd'],
      quietly: true,
      source: 'DI 1',
    });
  });

  it('names no shape that its kind has not', () => {
    const shapes = { zone: '', line: 'gate' };
    expect(ruleOf(TOY, { ...drawn, shapes })).toEqual({ kind: 'toy' });
    expect(ruleOf(plainKind('exit', 'line'), { ...drawn, shapes })).toEqual({
      kind: 'exit',
      line: 'gate',
    });
  });

  it('is changed in what differs alone, and what is set back is taken away', () => {
    const before = { id: 'a', kind: 'toy', zone: 'yard', seconds: 45, confirm: { looks: 2 } };
    const draft = draftOf(TOY, before);
    expect(changeOf(TOY, draft, before)).toEqual({});
    const values = { ...draft.values, seconds: '30', priority: '3', 'confirm.of': '9' };
    expect(changeOf(TOY, { ...draft, values }, before)).toEqual({
      seconds: null,
      priority: 3,
      confirm: { looks: 2, of: 9 },
    });
  });

  it('has an id that no other has, no longer than the centre takes', () => {
    expect(freeId(['gate', 'toy', '', 'x'], [])).toBe('gate-toy-x');
    expect(freeId(['gate', 'toy'], ['gate-toy', 'gate-toy-2'])).toBe('gate-toy-3');
    const long = 'a'.repeat(70);
    expect(freeId([long], [freeId([long], [])])).toBe(`${'a'.repeat(62)}-2`);
  });
});
