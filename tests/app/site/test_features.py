"""Features are found; a site can do without some of them, and then has nothing of theirs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from thapcanh import config
from thapcanh.app.centre.web.application import add_api_routes, new_app
from thapcanh.app.site.feature import (
    features_on,
    found_features,
    optional_features,
    route_modules,
)
from thapcanh.app.site.site_file import load_site
from thapcanh.config.devices import CotReceiverConfig
from thapcanh.config.site import FeaturesConfig, Site

SMALL = Site(features=FeaturesConfig(on=()))


def _routes(on: frozenset[str]) -> dict[str, list[APIRoute]]:
    return {
        module.__name__: [one for one in module.router.routes if isinstance(one, APIRoute)]
        for module in route_modules(on)
        if hasattr(module, "router")
    }


def test_a_file_that_names_no_features_keeps_them_all() -> None:
    assert features_on(Site()) == frozenset(found_features())


def test_a_small_site_has_what_every_site_has_and_no_more() -> None:
    assert features_on(SMALL) == frozenset(found_features()) - optional_features()
    assert {"alert", "cameras", "incidents", "registry", "reports"} <= features_on(SMALL)


def test_a_named_feature_brings_those_that_it_needs() -> None:
    site = Site(features=FeaturesConfig(on=("crews",)))
    assert features_on(site) - features_on(SMALL) == {"calls", "crews", "positions"}


def test_a_section_turns_its_feature_on() -> None:
    receiver = CotReceiverConfig.model_validate(
        {"id": "tak", "port": 8087, "networks": ["10.9.0.0/16"], "units": {}}
    )
    site = SMALL.model_copy(update={"cot_receivers": (receiver,)})
    assert features_on(site) - features_on(SMALL) == {"positions"}


def test_a_name_that_is_no_feature_is_a_problem_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text('[features]\non = ["crews", "crewz"]\n', encoding="utf-8")
    (problem,) = load_site(path, {}).problems
    assert str(problem).startswith("thapcanh.toml: features.on: 'crewz' is no feature")


def test_the_example_names_every_feature_that_can_be_off() -> None:
    example = (Path(config.__file__).parent / "example.toml").read_text(encoding="utf-8")
    line = next(line for line in example.splitlines() if line.startswith("# on = "))
    assert optional_features() == set(line.split("#")[2].split(";")[0].split())


def test_every_need_is_an_optional_feature() -> None:
    needs = {need for one in found_features().values() for need in one.needs}
    assert needs <= optional_features()


@pytest.mark.parametrize("name", sorted(optional_features()))
def test_routes_of_a_feature_that_is_off_are_none_of_the_api(name: str) -> None:
    own = set(_paths({name}))
    app = new_app()
    add_api_routes(app, features_on(SMALL))
    assert own, f"{name} has no routes: the test sees nothing"
    assert own.isdisjoint(app.openapi()["paths"])


def _paths(on: set[str]) -> Iterator[str]:
    for routes in _routes(frozenset(on)).values():
        yield from (route.path.replace(":path}", "}") for route in routes)


def test_a_word_answers_before_a_parameter_in_its_place() -> None:
    app = new_app()
    add_api_routes(app)
    paths = list(app.openapi()["paths"])
    for words in paths:
        for other in paths[: paths.index(words)]:
            assert not _hides(other, words), f"{other} hides {words}"


def _hides(earlier: str, later: str) -> bool:
    """Whether every request for the later path would be answered by the earlier one."""
    one, two = earlier.split("/"), later.split("/")
    fits = len(one) == len(two) and all(a == b or "{" in a for a, b in zip(one, two, strict=True))
    return fits and [s for s in one if "{" not in s] != [s for s in two if "{" not in s]
