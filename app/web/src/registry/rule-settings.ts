/** The fields of settings, of a kind of rule or of delivery target, drawn from the JSON Schema that the centre publishes. Pure. */

import type { components } from '../api/schema';
import type { Patch } from './entry';

export type RuleKind = components['schemas']['RuleSettingsResponse'];
/** What a form is drawn from, whatever it is a form of. */
export type SettingsKind = Pick<RuleKind, 'settings' | 'setting_names' | 'labels'>;
export type ShapeType = RuleKind['needs'][number];
/** As inputs have it: text of a number too; of several choices a list. */
export type Value = string | boolean | readonly string[];
export type Values = Readonly<Record<string, Value>>;

export interface SettingField {
  /** Its key; of one inside another with a dot, as `confirm.looks`. */
  readonly path: string;
  /** `list`: texts with commas between them; `other`: JSON, of what no input is made for. */
  readonly type: 'number' | 'text' | 'switch' | 'choice' | 'choices' | 'list' | 'other';
  readonly options: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly step: 1 | 'any';
  readonly longest?: number;
  /** Shown to nobody; what is there is told as such. */
  readonly secret?: boolean;
  /** Whether what is chosen are numbers. */
  readonly numbers?: boolean;
  readonly required: boolean;
  /** What holds where the rule says nothing. */
  readonly standard: unknown;
}

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxLength?: number;
  readonly writeOnly?: boolean;
}

export const SHAPE_TYPES: readonly ShapeType[] = ['zone', 'line'];
/** What the form knows of itself, or asks in another way. */
const NOT_ASKED: ReadonlySet<string> = new Set([
  'id',
  'kind',
  'cameras',
  'version',
  ...SHAPE_TYPES,
]);

/** The shapes that a rule of the kind may name. */
export function shapesOf(kind: RuleKind): readonly ShapeType[] {
  const { properties = {} } = kind.settings as Schema;
  return SHAPE_TYPES.filter((type) => type in properties);
}

/** A field for every setting of the kind, in the order in which the centre names them. */
export function fieldsOf(kind: SettingsKind): readonly SettingField[] {
  const root = kind.settings as Schema;
  const order = Object.keys(kind.setting_names);
  const place = ({ path }: SettingField): number =>
    order.includes(path) ? order.indexOf(path) : order.length;
  return fieldsIn(root, root, '', undefined).sort((a, b) => place(a) - place(b));
}

/** What the inputs show: what a rule says, else what holds without. */
export function valuesOf(fields: readonly SettingField[], rule: Patch = {}): Values {
  return Object.fromEntries(
    fields.map((field) => [field.path, shown(field, at(rule, field.path) ?? field.standard)]),
  );
}

/** The settings that differ from what holds without them, as a rule has them. */
export function settingsOf(fields: readonly SettingField[], values: Values): Patch {
  const settings: Record<string, unknown> = {};
  for (const field of fields) {
    const value = values[field.path] ?? '';
    if (!field.required && same(value, shown(field, field.standard))) continue;
    const said = meant(field, value);
    if (said === undefined) continue;
    const [key = '', inner] = field.path.split('.');
    settings[key] = inner ? { ...(settings[key] as object | undefined), [inner]: said } : said;
  }
  return settings;
}

function fieldsIn(
  schema: Schema,
  root: Schema,
  inside: string,
  standards: unknown,
): SettingField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, stated]) => {
    if (!inside && NOT_ASKED.has(key)) return [];
    const one = resolved(stated, root);
    const standard = (standards as Patch | undefined)?.[key] ?? stated.default;
    if (one.properties && !inside) return fieldsIn(one, root, `${key}.`, standard);
    const required = schema.required?.includes(key) ?? false;
    return [{ path: `${inside}${key}`, required, standard, ...inputOf(one, root) }];
  });
}

type Input = Omit<SettingField, 'path' | 'required' | 'standard'>;

function inputOf(one: Schema, root: Schema): Input {
  const min = one.minimum ?? one.exclusiveMinimum;
  const max = one.maximum ?? one.exclusiveMaximum;
  const input = {
    options: [],
    step: one.type === 'integer' ? (1 as const) : ('any' as const),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(one.maxLength !== undefined && { longest: one.maxLength }),
    ...(one.writeOnly && { secret: true }),
  };
  if (one.enum) return { ...input, type: 'choice', options: one.enum.map(String) };
  if (one.type === 'array') {
    const item = resolved(one.items ?? {}, root);
    const numbers = item.enum?.every((option) => typeof option === 'number') ?? false;
    if (item.enum) return { ...input, type: 'choices', numbers, options: item.enum.map(String) };
    return { ...input, type: item.type === 'string' ? 'list' : 'other' };
  }
  if (one.type === 'integer' || one.type === 'number') return { ...input, type: 'number' };
  if (one.type === 'boolean') return { ...input, type: 'switch' };
  return { ...input, type: one.type === 'string' ? 'text' : 'other' };
}

/** What a reference stands for, and what a value is if it is there at all. */
function resolved(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '');
  const there = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  if (name !== undefined) return resolved(root.$defs?.[name] ?? {}, root);
  return there.length === 1 ? resolved(there[0] as Schema, root) : schema;
}

function shown(field: SettingField, value: unknown): Value {
  if (field.type === 'switch') return value === true;
  if (field.type === 'choices') return Array.isArray(value) ? value.map(String) : [];
  if (value === undefined || value === null) return '';
  if (field.type === 'list') return (value as readonly string[]).join(', ');
  return field.type === 'other' ? JSON.stringify(value) : String(value);
}

/** The value as the centre takes it; undefined: nothing is said. What is wrong it will refuse. */
function meant(field: SettingField, value: Value): unknown {
  if (typeof value === 'object' && field.numbers) return value.map(Number);
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (field.type === 'list')
    return text.split(',').flatMap((part) => (part.trim() ? [part.trim()] : []));
  if (text === '') return undefined;
  const isNumber = field.type === 'choice' && typeof field.standard === 'number';
  if (field.type === 'number' || isNumber) return Number(text.replace(',', '.'));
  return field.type === 'other' ? parsed(text) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function at(rule: Patch, path: string): unknown {
  const [key = '', inner] = path.split('.');
  return inner ? (rule[key] as Patch | undefined)?.[inner] : rule[key];
}

function same(one: Value, other: Value): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
