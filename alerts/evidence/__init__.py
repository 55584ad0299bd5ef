"""Pictures, clips and manifests of alerts: written, kept, exported, verified."""
