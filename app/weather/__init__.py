"""Weather that affects many cameras."""
