/** The evidence and the log of one alert, asked for as often as the alert changes. */

import { api } from '../api/client';
import type { Alert, AlertDetail, Manifest } from '../api/types';

export class Evidence {
  detail = $state.raw<AlertDetail | null>(null);
  manifest = $state.raw<Manifest | null>(null);
  failed = $state(false);
  #asked = '';

  async load(alert: Alert | null): Promise<void> {
    const asked = alert ? `${alert.id} ${alert.version}` : '';
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.failed = false;
    if (alert?.id !== this.detail?.id) this.detail = this.manifest = null;
    if (!alert) return;
    try {
      const detail = await api.alert(alert.id);
      if (this.#asked !== asked) return;
      this.detail = detail;
      const sealed = detail.evidence.find((file) => file.kind === 'manifest');
      const manifest = sealed ? await api.manifest(sealed.url) : null;
      if (this.#asked === asked) this.manifest = manifest;
    } catch (error) {
      console.error('the details were not loaded', error);
      if (this.#asked !== asked) return;
      this.#asked = ''; // asked for again when the link comes back
      this.failed = true;
    }
  }
}
