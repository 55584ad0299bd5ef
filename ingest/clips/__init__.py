"""Clips as MP4 files: remuxed for evidence, or encoded again with marks drawn in."""
