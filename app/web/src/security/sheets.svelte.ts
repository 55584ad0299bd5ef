/** Which sheet of this room is open: the viewing log, or the second login step. */

class SecuritySheet {
  shown = $state<'viewings' | 'factors' | null>(null);
}

export const securitySheet = new SecuritySheet();
