/** The cameras that a screen knows, brought up to date with what changed: a city's list is 16 MB. */

import type { Camera, CameraNews } from '../api/types';

interface Told {
  items: readonly Camera[];
  gone?: readonly string[] | null;
}

/** Whether what the stream says can be put upon the list of this version; else the centre is asked. */
export function follows(news: CameraNews, version: string | null): boolean {
  return version !== null && news.after.includes(version);
}

/** The list after an answer. Phones are told whole each time: one that is not named sends no more. */
export function merged(before: readonly Camera[], told: Told): readonly Camera[] {
  if (told.gone == null) return told.items;
  const left = before.some((camera) => camera.ends_at != null);
  if (told.items.length === 0 && told.gone.length === 0 && !left) return before;
  const gone = new Set(told.gone);
  const news = new Map(told.items.map((camera) => [camera.id, camera]));
  const kept = before
    .filter((camera) => !gone.has(camera.id) && (camera.ends_at == null || news.has(camera.id)))
    .map((camera) => news.get(camera.id) ?? camera);
  const known = new Set(kept.map((camera) => camera.id));
  return [...kept, ...told.items.filter((camera) => !known.has(camera.id))];
}
