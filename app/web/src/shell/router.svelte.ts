/** Where this window is. Screens are changed without loading the page anew, so the watch never stops. */

import { restOf, screenAt, type Screen } from './routes';

class Router {
  path = $state(location.pathname);
  /** The question part of the address, for screens that keep their filters in it. */
  search = $state(location.search);

  readonly screen: Screen = $derived.by(() => screenAt(this.path));
  readonly rest: string = $derived.by(() => restOf(this.path));

  start(): () => void {
    const moved = () => this.#read();
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }

  go(address: string): void {
    history.pushState(null, '', address);
    this.#read();
  }

  /** The same screen with other filters: nothing to go back to. */
  replace(address: string): void {
    history.replaceState(null, '', address);
    this.#read();
  }

  #read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }
}

export const router = new Router();
