"""Recordings over HTTP: spans, video, single pictures, holds."""
