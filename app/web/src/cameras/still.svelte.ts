/** A camera's last picture, and of when it is. Asked for when wanted; the picture is let go of after. */

import { api, saidOf } from '../api';
import { instant } from '../time/format';

const CAPTURED_AT = 'X-Captured-At';

export class Still {
  url = $state<string | null>(null);
  at = $state<number | null>(null);
  loading = $state(false);
  problem = $state('');
  #ended = false;

  constructor(private readonly cameraId: string) {}

  async load(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    this.problem = '';
    try {
      const path = `/cameras/${encodeURIComponent(this.cameraId)}/still.jpg`;
      const response = await api.send('GET', path);
      const picture = await response.blob();
      if (this.#ended) return;
      this.#letGo();
      this.url = URL.createObjectURL(picture);
      this.at = instant(response.headers.get(CAPTURED_AT));
    } catch (error) {
      this.problem = saidOf(error);
    } finally {
      this.loading = false;
    }
  }

  end(): void {
    this.#ended = true;
    this.#letGo();
  }

  #letGo(): void {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
  }
}
