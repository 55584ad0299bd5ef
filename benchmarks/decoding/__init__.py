"""What decoding policies cost."""
