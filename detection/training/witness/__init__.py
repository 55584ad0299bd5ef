"""Training of the witness: candidates of clips, a frozen backbone, a fitted probe.

`candidates` finds what the witness would be asked about, `backbone` describes it, `fit` weighs the
features, `make` writes files and a card.
"""
