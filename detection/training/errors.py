"""What may go wrong while weights are made; every message is one line and says what to do."""


class TrainingError(Exception):
    """The training cannot go on."""


class RecipeError(TrainingError):
    """The recipe cannot be used; the message has one line a problem."""


class DataError(TrainingError):
    """The pictures or their labels cannot be used."""
