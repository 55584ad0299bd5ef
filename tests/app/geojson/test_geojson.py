"""Alerts, incidents and cameras as features, read by GDAL itself as QGIS reads them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import NOW, Centre, serving
from tests.made_archives import archive_at
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256

ALL, PC07 = "a-token-of-everything", "a-token-of-pc07"
OGC = "/api/v1/ogc"
PROGRAM = """
import json, sys
import pyogrio
_, source, order = sys.argv
def read(layer, **how):
    facts, _, _, columns = pyogrio.raw.read(source, layer=layer, **how)
    told = {name: [str(one) for one in column] for name, column in zip(facts["fields"], columns)}
    return told | {"geometry": [facts["geometry_type"]]}
print(json.dumps(eval(order)))
"""
PLACES = {"cam-1": (21.03, 105.85), "cam-2": (21.07, 105.82)}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A centre with two cameras on the map, one that is not, and 250 alerts."""
    folder = tmp_path_factory.mktemp("geojson")
    archive = archive_at(folder / "archive.sqlite")
    centre = Centre(archive=archive, folder=folder)
    site = centre.site()
    cameras = [
        camera.model_copy(
            update=dict(zip(("lat", "lon"), PLACES.get(camera.id, (None, None)), strict=True))
        )
        for camera in site.cameras
    ]
    centre.site.replace(site.model_copy(update={"cameras": tuple(cameras)}))
    for number in range(248):
        centre.raise_alert("cam-2", kind="smoke", at_s=float(number))
    centre.raise_alert("cam-1")
    centre.raise_alert("cam-3")
    for token, scope in ((ALL, EVERYTHING), (PC07, DataFilter(agencies=frozenset({"pc07"})))):
        ApiTokenRepository(archive.database).add(
            ApiToken(
                id=token[-4:], name=token[:31], token_sha256=token_sha256(token),
                roles=frozenset({Role.VIEWER}), powers=frozenset({TokenScope.READ}), scope=scope,
                created_at=NOW, expires_at=NOW + 86_400,
            )
        )  # fmt: skip
    with serving(centre) as served:
        yield served.address
    archive.close()


class Gdal:
    """GDAL in a process of its own: it waits for answers and lets no other thread run."""

    def __init__(self, address: str) -> None:
        self._source = f"OAPIF:{address}{OGC}"

    def layers(self, token: str) -> list[str]:
        return [name for name, _ in self._reported(token, "pyogrio.list_layers(source).tolist()")]

    def columns(self, token: str, layer: str, **how: Any) -> dict[str, list[Any]]:
        """Each field's values, and the type of place as `geometry`."""
        found: dict[str, list[Any]] = self._reported(token, f"read({layer!r}, **{how!r})")
        return found

    def _reported(self, token: str, order: str) -> Any:
        environment = os.environ | {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, self._source, order], env=environment,
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def gdal(address: str) -> Gdal:
    return Gdal(address)


def test_gdal_finds_the_collections_and_reads_all_pages(gdal: Gdal) -> None:
    assert gdal.layers(ALL) == ["alerts", "incidents", "cameras"]
    kinds = gdal.columns(ALL, "alerts")["kind"]
    assert len(kinds) == 250  # more than a page
    assert kinds.count("fire") == 2
    cameras = gdal.columns(ALL, "cameras")
    assert cameras["geometry"] == ["Point"]
    assert sorted(cameras["name"]) == ["Camera cam-1", "Camera cam-2", "Camera cam-3"]
    assert "topsecret" not in json.dumps(cameras)


def test_gdal_asks_for_a_rectangle(gdal: Gdal) -> None:
    assert gdal.columns(ALL, "alerts", bbox=(105.84, 21.0, 105.86, 21.05))["camera"] == ["cam-1"]


def test_each_sees_what_their_token_may(gdal: Gdal) -> None:
    assert set(gdal.columns(PC07, "alerts")["camera"]) == {"cam-1"}
    assert gdal.columns(PC07, "cameras")["name"] == ["Camera cam-1"]


def test_one_feature_and_what_is_asked_wrongly(address: str) -> None:
    headers = {"Authorization": f"Bearer {PC07}"}
    with httpx.Client(
        base_url=f"{address}{OGC}", headers=headers, trust_env=False, timeout=60
    ) as http:
        page = http.get("/collections/alerts/items", params={"limit": 1})
        assert page.headers["content-type"] == "application/geo+json"
        (feature,) = page.json()["features"]
        assert feature["geometry"] == {"type": "Point", "coordinates": [105.85, 21.03]}
        assert "lat" not in feature["properties"]
        same = http.get(f"/collections/alerts/items/{feature['id']}").json()
        assert same == feature
        assert (
            http.get("/collections/cameras/items/cam-1").json()["properties"]["name"]
            == "Camera cam-1"
        )
        assert http.get("/collections/cameras/items/cam-2").status_code == 404
        raised = feature["properties"]["raised_at"]
        for stretch, count in ((f"{raised}/..", 1), ("../2020-01-01T00:00:00Z", 0)):
            items = http.get("/collections/alerts/items", params={"datetime": stretch}).json()
            assert items["numberReturned"] == count, stretch
        for wrong in (
            {"bbox": "1,2,3"},
            {"bbox": "a,b,c,d"},
            {"datetime": "soon"},
            {"cursor": "%"},
        ):
            assert http.get("/collections/alerts/items", params=wrong).status_code == 422, wrong
