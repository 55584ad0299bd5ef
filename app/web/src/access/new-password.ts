/** The shortest that the centre takes. */
export const SHORTEST_PASSWORD = 8;

export type NewPasswordFault = 'short' | 'different';

/** Why a new password typed twice cannot be sent; nothing where it can. */
export function faultOf(chosen: string, again: string): NewPasswordFault | null {
  if ([...chosen].length < SHORTEST_PASSWORD) return 'short';
  return chosen === again ? null : 'different';
}
