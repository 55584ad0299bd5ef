"""How the witness is made: candidates of recorded clips, a frozen backbone, a fitted probe.

`candidates` finds in the detector's own boxes what the witness would be asked about, `backbone`
makes the network that describes it, `fit` weighs the description, `make` writes files and a card.
"""
