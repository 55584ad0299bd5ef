"""Training of the witness: candidates of clips, a frozen backbone, a fitted probe."""
