"""Calls that make the cameras near them look harder: planned by the centre, followed by workers."""
