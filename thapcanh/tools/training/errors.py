"""Errors of training; every message is one line with the way out."""


class TrainingError(Exception):
    """Failure of the training."""


class RecipeError(TrainingError):
    """Error in a recipe; the message has one line per problem."""


class DataError(TrainingError):
    """Unusable pictures or labels."""
