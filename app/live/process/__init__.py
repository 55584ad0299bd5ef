"""The live process: all media of live view, beside the centre and without its secrets.

The centre judges who may watch and signals offers over a socket that only the two of them hold;
pictures go from the live process to the browsers. What happens to it happens to no event.
"""
