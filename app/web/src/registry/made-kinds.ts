/** Kinds of rule as the centre publishes them, made for tests. */

import type { RuleKind } from './rule-settings';

const words = (vi: string, en: string): { vi: string; en: string } => ({ vi, en });
const ID = { pattern: '^[A-Za-z0-9]+$', type: 'string' };
const PLACE = { anyOf: [ID, { type: 'null' }], default: null };

/** A toy kind that no file of the browser knows. */
export const TOY: RuleKind = {
  kind: 'toy',
  name: words('Đồ chơi', 'Toy'),
  confirmed_name: null,
  labels: { red: words('đỏ', 'red') },
  settings: {
    $defs: {
      Confirm: {
        type: 'object',
        properties: {
          looks: { type: 'integer', default: 3, minimum: 1, maximum: 50 },
          of: { type: 'integer', default: 5, minimum: 1, maximum: 100 },
        },
      },
      Colour: { enum: ['red', 'odd'], type: 'string' },
    },
    properties: {
      id: ID,
      cameras: { anyOf: [{ const: '*' }, { type: 'array', items: ID }], default: '*' },
      zone: ID,
      hours: { type: 'array', items: { type: 'string' }, default: [] },
      version: { type: 'integer', default: 1 },
      kind: { const: 'toy', default: 'toy', type: 'string' },
      priority: { enum: [1, 2, 3], default: 2, type: 'integer' },
      seconds: { type: 'number', default: 30, exclusiveMinimum: 0, maximum: 600 },
      confirm: { $ref: '#/$defs/Confirm', default: { looks: 4, of: 5 } },
      colours: { type: 'array', items: { $ref: '#/$defs/Colour' }, default: ['red'] },
      quietly: { type: 'boolean', default: false },
      source: { anyOf: [{ type: 'string', maxLength: 64 }, { type: 'null' }], default: null },
    },
    required: ['id', 'zone'],
  },
  setting_names: {
    seconds: words('Bao lâu (giây)', 'How long (s)'),
    priority: words('Mức ưu tiên', 'Priority'),
    hours: words('Giờ', 'Hours'),
    'confirm.looks': words('Thấy trong (lượt)', 'Seen in (looks)'),
    'confirm.of': words('trong số (lượt)', 'of (looks)'),
    colours: words('Màu', 'Colours'),
    quietly: words('Im lặng', 'Quietly'),
  },
  needs: ['zone'],
  priority: 2,
  incident: 'other',
  looks_at_picture: true,
};

/** A kind of the name that needs these shapes, with no settings of its own. */
export function plainKind(kind: string, ...needs: RuleKind['needs']): RuleKind {
  const properties = { zone: PLACE, ...Object.fromEntries(needs.map((shape) => [shape, ID])) };
  return { ...TOY, kind, needs, settings: { properties, required: needs }, setting_names: {} };
}
