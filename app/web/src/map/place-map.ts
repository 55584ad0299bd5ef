/** The map of one place, loaded when a site has a map and a place is looked at. */

type PlaceMapModule = Promise<typeof import('./PlaceMap.svelte')>;

let asked: PlaceMapModule | null = null;

/** Asked for once; a part that did not come is asked for again with the next place. */
export function placeMap(): PlaceMapModule {
  asked ??= import('./PlaceMap.svelte').catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}
