/** The features that this site has; what belongs to another one is neither shown nor asked for. */

class Features {
  #on = $state.raw<ReadonlySet<string>>(new Set());

  /** Put those in force that a session's answer names. */
  set(names: readonly string[]): void {
    this.#on = new Set(names);
  }

  has(name: string): boolean {
    return this.#on.has(name);
  }
}

export const features = new Features();
