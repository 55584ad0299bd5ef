/** What of a form is not filled in as it must be, in our words: a browser's bubble is in its own language. */

import { getContext, setContext } from 'svelte';

import { i18n } from '../i18n/i18n.svelte';

type Entry = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type Judged = Pick<Entry, 'validity'> & { readonly min?: string; readonly max?: string };

const KEY = Symbol('form');

/** Why an entry is refused. */
export function faultOf({ validity, min = '', max = '' }: Judged): string {
  const words = i18n.t.faults;
  if (validity.valueMissing) return words.missing;
  if (validity.rangeUnderflow || validity.rangeOverflow) return words.range(min, max);
  return validity.tooShort ? words.short : words.wrong;
}

export class FormFaults {
  #found = $state.raw<ReadonlyMap<Entry, string>>(new Map());

  /** Look at a form before it is sent: the first entry that is refused gets the focus. */
  look(form: HTMLFormElement): boolean {
    const refused = [...form.querySelectorAll<Entry>(':invalid:not(fieldset)')];
    this.#found = new Map(refused.map((entry) => [entry, faultOf(entry)]));
    refused[0]?.focus();
    return refused.length === 0;
  }

  /** What was refused of an entry is not said while it is mended. */
  mended({ target }: Event): void {
    if (this.#found.size > 0)
      this.#found = new Map([...this.#found].filter(([entry]) => entry !== target));
  }

  /** Of the entry within a part of the form. */
  within(part: Node | undefined): string {
    return [...this.#found].find(([entry]) => part?.contains(entry))?.[1] ?? '';
  }

  /** Of entries that no field says it of, with their names. */
  get others(): readonly string[] {
    return [...this.#found]
      .filter(([entry]) => !entry.closest('label.field'))
      .map(([entry, why]) => `${entry.labels?.[0]?.textContent.trim() ?? ''}: ${why}`);
  }
}

/** Those of the form that is made here. */
export function formFaults(): FormFaults {
  return setContext(KEY, new FormFaults());
}

/** Those of the form around a field; undefined where none is. */
export function faultsAround(): FormFaults | undefined {
  return getContext<FormFaults | undefined>(KEY);
}
