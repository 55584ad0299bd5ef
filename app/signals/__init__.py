"""Takes devices' signals in: dated, bounded, saved, and turned into events of the centre's own."""
