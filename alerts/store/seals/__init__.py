"""Seals of the archive's rows: what is written in a transaction, its last log entry vouches for."""
