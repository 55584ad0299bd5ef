/** Which language this desk speaks. Components read `i18n.t`; no words stand in the components. */

import { api } from '../api/client';
import type { Locale } from '../time/format';
import { en } from './en';
import { vi, type Catalogue } from './vi';

const MEMORY = 'thapcanh.language';
const CATALOGUES: Record<Locale, Catalogue> = { vi, en };

class Language {
  locale = $state<Locale>(remembered() ?? 'vi');

  get t(): Catalogue {
    return CATALOGUES[this.locale];
  }

  get other(): Locale {
    return this.locale === 'vi' ? 'en' : 'vi';
  }

  /** The officer's choice on this desk. */
  choose(locale: Locale): void {
    localStorage.setItem(MEMORY, locale);
    this.#speak(locale);
  }

  /** The account's language, unless the desk was told otherwise. */
  suggest(locale: string): void {
    this.#speak(remembered() ?? (locale === 'en' ? 'en' : 'vi'));
  }

  #speak(locale: Locale): void {
    this.locale = locale;
    api.locale = locale;
    document.documentElement.lang = locale;
  }
}

function remembered(): Locale | null {
  const saved = localStorage.getItem(MEMORY);
  return saved === 'vi' || saved === 'en' ? saved : null;
}

export const i18n = new Language();
