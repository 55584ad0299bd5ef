"""Big screens without a keyboard: let in by six digits."""
