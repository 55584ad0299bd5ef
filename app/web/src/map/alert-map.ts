/** The map of one alert, loaded when a site has a map and an alert is looked at. */

type AlertMapModule = Promise<typeof import('./AlertMap.svelte')>;

let asked: AlertMapModule | null = null;

/** Asked for once; a part that did not come is asked for again with the next alert. */
export function alertMap(): AlertMapModule {
  asked ??= import('./AlertMap.svelte').catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}
