"""Evidence: pictures, clips and manifests of alerts, stored, exported, verified."""
