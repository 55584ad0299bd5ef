"""Encoded video: packets, the hub that fans them out, pre-roll, and remuxing to MP4 and TS."""
