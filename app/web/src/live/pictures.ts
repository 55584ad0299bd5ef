/** Pictures in a row over HTTP, for where WebRTC cannot connect. */

import { api } from '../api/client';
import { PartReader, type Part } from './multipart';

export class Pictures {
  readonly #end = new AbortController();

  /** Gives every picture to `show` until the stream ends or breaks; throws as the API does. */
  async open(cameraId: string, show: (part: Part) => void): Promise<void> {
    const response = await api.send('GET', `/cameras/${encodeURIComponent(cameraId)}/mjpeg`, {
      headers: { Accept: 'multipart/x-mixed-replace' },
      signal: this.#end.signal,
    });
    const reader = response.body?.getReader();
    if (!reader) return;
    const parts = new PartReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parts.take(value).forEach(show);
    }
  }

  /** Ends it; idempotent. */
  close(): void {
    this.#end.abort();
  }
}
