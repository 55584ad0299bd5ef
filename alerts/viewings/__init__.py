"""The viewing log: who saw what, when, and on what ground."""
