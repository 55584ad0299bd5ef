import { describe, expect, it } from 'vitest';

import { fieldsOf } from '../registry/rule-settings';
import { changeOfTarget, targetOf, valuesOfTarget, type TargetKind } from './target-form';

const SECRET = { type: 'string', writeOnly: true };
const BELL: TargetKind = {
  kind: 'bell',
  name: { vi: 'Chuông', en: 'Bell' },
  address_hint: 'bell://10.0.0.8',
  settings: {
    properties: {
      id: { type: 'string' },
      kind: { const: 'bell', default: 'bell', type: 'string' },
      url: SECRET,
      secret: { anyOf: [SECRET, { type: 'null' }], default: null },
      priorities: {
        type: 'array',
        items: { enum: [1, 2, 3], type: 'integer' },
        default: [1, 2, 3],
      },
      agencies: {
        anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }],
        default: null,
      },
      rings: { type: 'integer', default: 3, minimum: 1, maximum: 9 },
    },
    required: ['id', 'url'],
  },
  setting_names: { url: { vi: 'Địa chỉ', en: 'Address' } },
  labels: {},
  secrets: ['url', 'secret'],
};

describe('a delivery target from the form that its kind draws', () => {
  it('has a field a setting, and knows which are secret', () => {
    const fields = fieldsOf(BELL);
    expect(fields.map(({ path, type, secret }) => [path, type, secret ?? false])).toEqual([
      ['url', 'text', true],
      ['secret', 'text', true],
      ['priorities', 'choices', false],
      ['agencies', 'list', false],
      ['rings', 'number', false],
    ]);
  });

  it('says what differs from the defaults, numbers as numbers', () => {
    const values = { ...valuesOfTarget(BELL), url: 'bell://10.0.0.8', priorities: ['1'] };
    expect(targetOf(BELL, ' b ', values)).toEqual({
      id: 'b',
      kind: 'bell',
      url: 'bell://10.0.0.8',
      priorities: [1],
    });
  });

  it('changes what was changed alone, and takes away what was emptied', () => {
    const before = { url: 'bell://<secret>', secret: '<secret>', agencies: ['pc07'], rings: 5 };
    const values = { ...valuesOfTarget(BELL, before), agencies: '', rings: '7' };
    expect(changeOfTarget(BELL, values, before)).toEqual({ agencies: null, rings: 7 });
    expect(changeOfTarget(BELL, valuesOfTarget(BELL, before), before)).toEqual({});
  });
});
