/** Notices to the public as the desk writes them: the centre's shapes, its requests. */

import { api } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];
export type PublicNotice = Schemas['PublicNoticeResponse'];
export type PublicAct = Schemas['PublicAct'];
export type PublicNoticeState = Schemas['PublicNoticeState'];

/** Where everybody reads what was signed. */
export const PUBLIC_PAGE = '/api/v1/public/notices';

const at = (notice: PublicNotice) => ({ path: { notice_id: notice.id } });

export const noticesApi = {
  all: () => api.get('/notices'),
  draft: (incident: string) => api.post('/notices', { body: { incident } }),
  redraft: (notice: PublicNotice, title: string, text: string) =>
    api.put('/notices/{notice_id}', { ...at(notice), body: { title, text, draft: notice.draft } }),
  sign: (notice: PublicNotice) =>
    api.post('/notices/{notice_id}/sign', { ...at(notice), body: { draft: notice.draft } }),
  withdraw: (notice: PublicNotice, reason: string) =>
    api.post('/notices/{notice_id}/withdraw', { ...at(notice), body: { reason } }),
};
