/** One export: ordered, asked about until it is made, saved. Refusals are the centre's own words. */

import { api, ApiError, saidOf, type components } from '../api';
import { saveFile } from '../history/save-file';

type Told = components['schemas']['ExportResponse'];
type Schemas = components['schemas'];
export type Wanted =
  | Schemas['RecordingExportRequest']
  | Schemas['AlertExportRequest']
  | Schemas['EvidenceExportRequest'];

const LOOK_EVERY_MS = 1_000;
const LOOK_AGAIN_MS = 5_000;

export class ExportJob {
  /** How it stands; null before it was ordered and after it was saved. */
  told = $state.raw<Told | null>(null);
  problem = $state('');
  busy = $state(false);
  /** The form is gone: nothing is saved any more. */
  #gone = false;
  #cancelled = false;

  get percent(): number {
    return Math.round((this.told?.share ?? 0) * 100);
  }

  /** Orders and saves; returns the file's name, or null where it came to nothing. */
  async take(wanted: Wanted, unblurred: boolean): Promise<string | null> {
    this.busy = true;
    this.problem = '';
    this.#cancelled = false;
    try {
      this.told = await api.post(unblurred ? '/exports/unblurred' : '/exports', { body: wanted });
      if (this.#gone) await this.cancel();
      await this.#made();
      if (this.#gone || this.#cancelled) return null;
      return await saveFile(`/exports/${this.told.id}/file`, 'xuat.bin');
    } catch (error) {
      if (!this.#gone) this.problem = saidOf(error);
      return null;
    } finally {
      this.busy = false;
      this.told = null;
    }
  }

  async cancel(): Promise<void> {
    const id = this.told?.id;
    if (!id) return;
    this.#cancelled = true;
    try {
      this.told = await api.delete('/exports/{export_id}', { path: { export_id: id } });
    } catch (error) {
      this.problem = saidOf(error);
    }
  }

  /** The form is closed: what is not done yet is not wanted any more. */
  leave(): void {
    this.#gone = true;
    void this.cancel();
  }

  /** Until it is done, failed or cancelled; a centre that is silent is asked again. */
  async #made(): Promise<void> {
    let wait = LOOK_EVERY_MS;
    while (this.told && (this.told.state === 'waiting' || this.told.state === 'running')) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#gone) return;
      try {
        const path = { export_id: this.told.id };
        const told: Told = await api.get('/exports/{export_id}', { path });
        wait = LOOK_EVERY_MS;
        if (!this.#cancelled) this.told = told;
      } catch (error) {
        if (error instanceof ApiError) throw error;
        wait = LOOK_AGAIN_MS;
      }
    }
  }
}
