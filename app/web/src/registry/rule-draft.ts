/** A rule as the form has it, and the table that is sent. Pure. */

import type { Patch } from './entry';
import { fieldsOf, settingsOf, shapesOf, valuesOf } from './rule-settings';
import type { RuleKind, ShapeType, Values } from './rule-settings';

export interface RuleDraft {
  /** A zone, a line; empty: none, the whole picture. */
  readonly shapes: Readonly<Record<ShapeType, string>>;
  readonly values: Values;
}

const LONGEST_ID = 64;

/** The form of a rule that is there, or of a new one. */
export function draftOf(kind: RuleKind, rule: Patch = {}): RuleDraft {
  const named = (type: ShapeType): string => String(rule[type] ?? '');
  return {
    shapes: { zone: named('zone'), line: named('line') },
    values: valuesOf(fieldsOf(kind), rule),
  };
}

/** The rule without its name and camera. */
export function ruleOf(kind: RuleKind, { shapes, values }: RuleDraft): Patch {
  const named = shapesOf(kind).filter((type) => shapes[type]);
  return {
    kind: kind.kind,
    ...Object.fromEntries(named.map((type) => [type, shapes[type]])),
    ...settingsOf(fieldsOf(kind), values),
  };
}

/** What turns the rule that is there into the draft; null takes a key away. */
export function changeOf(kind: RuleKind, draft: RuleDraft, before: Patch): Patch {
  const after = ruleOf(kind, draft);
  const unchanged = ruleOf(kind, draftOf(kind, before));
  const keys = new Set([...Object.keys(after), ...Object.keys(unchanged)]);
  const differs = [...keys].filter(
    (key) => JSON.stringify(after[key]) !== JSON.stringify(unchanged[key]),
  );
  return Object.fromEntries(differs.map((key) => [key, after[key] ?? null]));
}

/** An id that tells of camera, kind and place, and that no other rule has. */
export function freeId(parts: readonly string[], taken: readonly string[]): string {
  const stem = parts.filter(Boolean).join('-').slice(0, LONGEST_ID);
  let id = stem;
  for (let number = 2; taken.includes(id); number += 1)
    id = `${stem.slice(0, LONGEST_ID - String(number).length - 1)}-${number}`;
  return id;
}
