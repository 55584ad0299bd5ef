/**
 * The kinds of alert as the centre publishes them: names, and who answers them. Before it has told
 * its own, those that it had when the screens were built are known.
 */

import type { Locale } from '../time/format';
import { BUILT_KINDS, type AlertKind } from './built-kinds';

type ClassNames = Readonly<Record<string, Readonly<Record<Locale, string>>>>;

class AlertKinds {
  #known = $state.raw<ReadonlyMap<string, AlertKind>>(BUILT_KINDS);
  #classes = $state.raw<ClassNames>({});

  /** Takes in what the centre tells of its kinds, and of the classes that its models detect. */
  learn(kinds: readonly AlertKind[], classes: ClassNames = {}): void {
    this.#known = new Map([...BUILT_KINDS, ...kinds.map((each) => [each.kind, each] as const)]);
    this.#classes = classes;
  }

  /** The classes of people, vehicles and things; empty before the centre has answered. */
  get classes(): readonly string[] {
    return Object.keys(this.#classes);
  }

  /** What a class is called; undefined where no model of the site detects it. */
  className(label: string, locale: Locale): string | undefined {
    return this.#classes[label]?.[locale];
  }

  get all(): readonly AlertKind[] {
    return [...this.#known.values()];
  }

  of(kind: string): AlertKind | undefined {
    return this.#known.get(kind);
  }

  /** What an alert of the kind is called; undefined where no such kind is known. */
  name(kind: string, locale: Locale, isConfirmed = false): string | undefined {
    const known = this.of(kind);
    return ((isConfirmed ? known?.confirmed_name : null) ?? known?.name)?.[locale];
  }
}

export const alertKinds = new AlertKinds();

/** The system's own troubles, as against the city's. */
export function isSystemKind(kind: string): boolean {
  return alertKinds.of(kind)?.is_system ?? false;
}

/** Kinds that the fire service answers. */
export function isFireKind(kind: string): boolean {
  return alertKinds.of(kind)?.is_fire ?? false;
}
