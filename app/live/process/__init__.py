"""The live process: all media of live view, beside the centre and without its secrets."""
