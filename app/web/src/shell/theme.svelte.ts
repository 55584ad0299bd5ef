/**
 * Dark or light, as each person chose in this browser; dark where nobody did. The wall, which is
 * seen from afar in a darkened room, is always dark.
 */

export const THEMES = ['dark', 'light'] as const;
export type Theme = (typeof THEMES)[number];

const MEMORY = 'thapcanh.theme';
/** The choice that is shown before anybody has logged in: the last one's. */
const LAST = '';

class ThemeChoice {
  theme = $state<Theme>('dark');
  #username = LAST;

  /** Before the first picture is drawn, and again when somebody has logged in. */
  begin(username = LAST): void {
    this.#username = username;
    this.#show(chosen()[username] ?? chosen()[LAST] ?? 'dark');
  }

  choose(theme: Theme): void {
    const all = { ...chosen(), [this.#username]: theme, [LAST]: theme };
    localStorage.setItem(MEMORY, JSON.stringify(all));
    this.#show(theme);
  }

  #show(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset['theme'] = theme;
  }
}

function chosen(): Record<string, Theme> {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(MEMORY) ?? '{}');
    const known = Object.entries(saved ?? {}).filter(([, value]) => THEMES.includes(value));
    return Object.fromEntries(known) as Record<string, Theme>;
  } catch {
    return {}; // what somebody else wrote there is no choice
  }
}

export const theme = new ThemeChoice();
