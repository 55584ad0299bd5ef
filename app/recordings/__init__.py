"""Recordings over HTTP: what was recorded, the film of it, single pictures, holds."""
