"""Suppression: shelvings, nuisances, learned places, habits."""
