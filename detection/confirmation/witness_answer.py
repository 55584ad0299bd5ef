"""What a second, independent model says of a candidate; the input of one stage of belief."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """What it sees there, as the weight (log-odds) that it deserves, and in words."""

    weight: float
    text: str
