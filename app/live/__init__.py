"""Live view: a camera's own stream to browsers, as WebRTC without re-encoding, or as pictures.

Watching never blinds: the centre opens its own connection to a camera, on demand, one for all its
viewers, and the workers' connections are not touched.
"""
