/** Notices to the public as the desk writes them: the centre's shapes, its requests. */

import { api } from '../api/client';
import { getJson } from '../api/asked.svelte';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type PublicNotice = Schemas['PublicNoticeResponse'];
export type PublicAct = Schemas['PublicAct'];
export type PublicNoticeState = Schemas['PublicNoticeState'];

/** Where everybody reads what was signed. */
export const PUBLIC_PAGE = '/api/v1/public/notices';

async function said(method: string, path: string, body: object): Promise<PublicNotice> {
  const sent = await api.send(method, path, {
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
  return (await sent.json()) as PublicNotice;
}

export const noticesApi = {
  all: () => getJson<Schemas['PublicNoticeListResponse']>('/notices'),
  draft: (incident: string) => said('POST', '/notices', { incident }),
  redraft: (notice: PublicNotice, title: string, text: string) =>
    said('PUT', `/notices/${notice.id}`, { title, text, draft: notice.draft }),
  sign: (notice: PublicNotice) =>
    said('POST', `/notices/${notice.id}/sign`, { draft: notice.draft }),
  withdraw: (notice: PublicNotice, reason: string) =>
    said('POST', `/notices/${notice.id}/withdraw`, { reason }),
};
