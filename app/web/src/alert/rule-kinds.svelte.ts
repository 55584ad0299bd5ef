/** Words of kinds of alert that the catalogues do not know: the site's own rules bring them. */

import type { components } from '../api/schema';
import type { Locale } from '../time/format';

type RuleKind = components['schemas']['RuleKindResponse'];

class RuleKinds {
  #known = $state.raw<readonly RuleKind[]>([]);

  /** Takes in what the centre tells of its rules. */
  learn(kinds: readonly RuleKind[]): void {
    this.#known = kinds;
  }

  /** What an alert of the kind is called; undefined if no rule is of that kind. */
  name(kind: string, locale: Locale, isConfirmed: boolean): string | undefined {
    const known = this.#known.find((each) => each.kind === kind);
    return ((isConfirmed ? known?.confirmed_name : null) ?? known?.name)?.[locale];
  }
}

export const ruleKinds = new RuleKinds();
