"""How the watch stands by the archive's word."""
