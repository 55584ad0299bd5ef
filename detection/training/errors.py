"""Errors of training; every message is one line with the way out."""


class TrainingError(Exception):
    """The training cannot go on."""


class RecipeError(TrainingError):
    """Error in a recipe; the message has one line per problem."""


class DataError(TrainingError):
    """The pictures or their labels cannot be used."""
