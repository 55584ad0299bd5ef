"""Which kinds of rule a configuration may name: their settings models, handed to `config.load`.

The rules themselves live above this room (`detection/rules`); who loads a configuration says which
there are. Nothing is registered by an import, so no kind is missing because a module was not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from config.rules import Rule

KINDS = "kinds"
"""Key of the validation context under which models find the names of all kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleModels:
    """The models of all kinds, in the order in which messages name them."""

    models: Sequence[type[Rule]]
    defaults: tuple[Rule, ...] = ()
    """The rules of a site that names none."""
    problems: Sequence[tuple[str, str]] = ()
    """Kinds that could not be taken in: (their name, what is wrong)."""

    def adapter(self) -> TypeAdapter[Rule]:
        """What validates one rule by its `kind`; in an error, the kind comes first in the path."""
        union: Any = reduce(or_, self.models)
        return TypeAdapter(Annotated[union, Field(discriminator="kind")])

    def context(self) -> dict[str, tuple[str, ...]]:
        """The context in which the rest of a site is validated."""
        return {KINDS: tuple(kind_of(model) for model in self.models)}


def kind_of(model: type[Rule]) -> str:
    """Return the kind that a model is for: the default of its field `kind`."""
    return str(model.model_fields["kind"].default)
