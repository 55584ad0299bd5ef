"""No id is hidden by another address: a camera may have any name that its configuration allows."""

from collections.abc import Iterator

from fastapi.routing import APIRoute, iter_route_contexts

from thapcanh.app.centre.web.application import add_api_routes, new_app

Address = tuple[str, list[str], APIRoute]
"""Method, path in steps, and its route."""


def _addresses() -> list[Address]:
    app = new_app()
    add_api_routes(app)
    return [
        (method, (context.path or "").strip("/").split("/"), context.route)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.route, APIRoute)
        for method in context.methods or ()
    ]


def _takes(route: APIRoute, step: str, word: str) -> bool:
    """Whether a word may stand for this step of the route: the same, or one of its parameter."""
    if not step.startswith("{"):
        return step == word
    name = step.strip("{}").partition(":")[0]
    fields = [one for one in route.dependant.path_params if one.alias == name]
    return all(not one.validate(word, {}, loc=())[1] for one in fields)


def _hidden(addresses: list[Address]) -> Iterator[str]:
    """Addresses that stand for a collection's member and for something else."""
    for method, of_member, route in addresses:
        for other, steps, _ in addresses:
            if other != method or len(steps) != len(of_member) or steps == of_member:
                continue
            pairs = list(zip(of_member, steps, strict=True))
            is_narrower = any(a.startswith("{") and not b.startswith("{") for a, b in pairs)
            fits = all(b.startswith("{") or _takes(route, a, b) for a, b in pairs)
            if is_narrower and fits:
                yield f"{method} /{'/'.join(of_member)} is hidden by /{'/'.join(steps)}"


def test_no_word_of_an_address_is_taken_from_the_ids_of_a_collection() -> None:
    addresses = _addresses()
    assert len(addresses) > 100
    assert list(_hidden(addresses)) == []
