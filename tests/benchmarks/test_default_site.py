"""Benchmarks watch by the rules that a site has that decided nothing: without any, all is quiet."""

import ast
from pathlib import Path

from benchmarks.harness.default_site import default_site
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NO_CAMERAS = {
    "server.py",
    "registry.py",
    "sighting_search.py",
}  # their sites are asked by browsers alone


def test_a_camera_of_the_default_site_is_watched_for_flame_and_smoke() -> None:
    camera = CameraConfig(id="gate", name="Gate", source=SecretUrl("rtsp://camera.invalid/1"))
    site = default_site(cameras=(camera,))
    assert {rule.kind for rule in site.rules_of(camera)} == {"fire", "smoke"}


def test_no_benchmark_watches_by_a_site_without_rules() -> None:
    without = [
        f"{path.relative_to(BENCHMARKS)}:{call.lineno}"
        for path in sorted(BENCHMARKS.rglob("*.py"))
        if path.name not in NO_CAMERAS
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Site"
        and "rules" not in {one.arg for one in call.keywords}
    ]
    assert without == []
