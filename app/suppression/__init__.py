"""Suppression and learning: shelving, nuisances, habits of cameras."""
