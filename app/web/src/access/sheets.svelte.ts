/** Which sheet of this room is open: the viewing log, the second login step, or one's password. */

class SecuritySheet {
  shown = $state<'viewings' | 'factors' | 'password' | null>(null);
}

export const securitySheet = new SecuritySheet();
