"""Calls that make the cameras near them look harder: planned by the centre, done by workers."""
