"""More frequent analysis of cameras near a call: planned by the centre, done by workers."""
