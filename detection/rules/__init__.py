"""What is watched for: one evaluator for each kind of rule, and the registry of kinds."""
