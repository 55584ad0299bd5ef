/**
 * What a person is told of a question or a command that failed: the centre's own words where it
 * refused. What the browser says of a cut network is English, and in no officer's words.
 */

import { i18n } from '../i18n/i18n.svelte';
import { ApiError } from './client';

/** Of a question; `otherwise` where the centre said nothing. Nothing where nothing failed. */
export function saidOf(error: unknown, otherwise: string = i18n.t.login.unreachable): string {
  if (error === null || error === undefined) return '';
  return error instanceof ApiError ? error.message : otherwise;
}

/** Of a command: without an answer nobody knows whether it had an effect. */
export function saidOfCommand(error: unknown): string {
  return saidOf(error, i18n.t.outcome.unreachable);
}
