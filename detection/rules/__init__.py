"""Rules: one evaluator for each kind, and the registry of kinds."""
