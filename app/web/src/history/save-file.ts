/** Saves what the centre sends under the name that it gives; refusals are thrown as everywhere. */

import { api, saidOf } from '../api';
import { i18n } from '../i18n/i18n.svelte';
import { notices } from '../shell/notices.svelte';

/** Save a file; a notice says its name, or why there is none. */
export async function saveAndTell(
  path: string,
  fallback: string,
  told = i18n.t.report.exported,
): Promise<void> {
  try {
    notices.tell(told(await saveFile(path, fallback)));
  } catch (error) {
    notices.tell(i18n.t.history.exportFailed(saidOf(error)), 'warning');
  }
}

export async function saveFile(
  path: string,
  fallback: string,
  { method = 'GET', ...asked }: RequestInit = {},
): Promise<string> {
  const answer = await api.send(method, path, asked);
  const name = nameOf(answer.headers.get('Content-Disposition')) ?? fallback;
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}

/** The file's name in a header of the form `attachment; filename="x.csv"`. */
function nameOf(disposition: string | null): string | null {
  return /filename="([^"/\\]+)"/.exec(disposition ?? '')?.[1] ?? null;
}
