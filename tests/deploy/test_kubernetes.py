"""The chart, rendered by Helm's own engine: Kubernetes and the product read what comes out.

Left out where the engine has no wheel (it is built for Linux on x86_64).
"""

import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy import helm_engine
from tests.deploy.helm_engine import CHART, Document
from tests.patience import PATIENCE_S
from thapcanh.app.cli.main import main
from thapcanh.app.site.site_file import load_site

if find_spec("helm_python") is None:
    pytest.skip("no Helm engine here: pip install '.[dev]'", allow_module_level=True)

SITES = ("ward", "city")
OLDEST, NEWEST = "1.28.0", "1.37.0"


@cache
def values_of(site: str) -> Mapping[str, Any]:
    found: Document = yaml.safe_load((CHART / "ci" / f"{site}.yaml").read_text(encoding="utf-8"))
    return found


def rendered(values: Mapping[str, Any]) -> dict[tuple[str, str], Document]:
    """Every document by kind and name."""
    documents = helm_engine.rendered(values, "tc")
    return {(one["kind"], one["metadata"]["name"]): one for one in documents}


def pods(site: str) -> Iterator[tuple[str, Document]]:
    for (kind, name), document in rendered(values_of(site)).items():
        if kind in ("StatefulSet", "Deployment", "DaemonSet"):
            yield name, document["spec"]["template"]["spec"]


def refusal(values: Mapping[str, Any]) -> str:
    with pytest.raises(helm_engine.Refused) as refused:
        rendered(values)
    return str(refused.value)


def test_helm_finds_nothing_wrong_with_the_chart() -> None:
    found = helm_engine.found_wrong(values_of("ward"))
    assert [one for one in found if one["severity"] > 1] == []


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("site", SITES)
def test_kubernetes_knows_every_field(site: str, version: str) -> None:
    kubernetes = pytest.importorskip("kubernetes_validate", reason="pip install '.[dev]'")
    documents = rendered(values_of(site))
    assert {kind for kind, _ in documents} >= {
        "ConfigMap", "StatefulSet", "Deployment", "DaemonSet", "Service", "Ingress",
        "NetworkPolicy",
    }  # fmt: skip
    for document in documents.values():
        kubernetes.validate(document, version, strict=True)


@pytest.mark.parametrize("part", ["centre", "head", "node"])
@pytest.mark.parametrize("site", SITES)
def test_the_product_reads_its_configuration(
    site: str, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pod's own first container puts it together, of the secrets that the pod is given."""
    config = started(site, part, tmp_path)
    assert main(["check", "-c", str(config)]) == 0, capsys.readouterr().err
    text = config.read_text(encoding="utf-8")
    assert ("[archive]" in text) is (part != "node")
    assert (tmp_path / "secrets" / "archive_password").exists() is (part != "node")


def started(site: str, part: str, tmp_path: Path) -> Path:
    """Run the first container's script in folders of ours; return the configuration it writes."""
    documents = rendered(values_of(site))
    first, given = next(
        (pod["initContainers"][0], volume["projected"]["sources"])
        for _, pod in pods(site)
        for volume in pod["volumes"]
        if volume["name"] == "given" and f"{part}.toml" in str(volume)
    )
    (tmp_path / "given" / "secrets").mkdir(parents=True)
    for name in ("secrets", "thapcanh", "data"):
        (tmp_path / name).mkdir()
    text = documents["ConfigMap", "tc-configuration"]["data"][f"{part}.toml"]
    (tmp_path / "given" / "thapcanh.toml").write_text(moved(text, tmp_path), encoding="utf-8")
    for item in given[1]["secret"]["items"]:
        secret = f'it\'s a "p@ss/wörd" $(id) {"x" * 32}\n'
        (tmp_path / "given" / item["path"]).write_text(secret, encoding="utf-8")
    script = moved(first["args"][0], tmp_path)
    environ = {**os.environ, "POD_IP": "10.244.1.7"}
    subprocess.run([*first["command"], script], check=True, env=environ, timeout=60)
    for named in re.findall(rf'"({re.escape(str(tmp_path))}/etc/[^"]+)"', text_of(tmp_path)):
        Path(named).parent.mkdir(parents=True, exist_ok=True)
        Path(named).touch()  # mounted into the pod by the site
    for kept in (tmp_path / "secrets").iterdir():
        assert kept.stat().st_mode & 0o077 == 0  # the cluster's token is refused otherwise
    return tmp_path / "thapcanh" / "thapcanh.toml"


def text_of(folder: Path) -> str:
    """The configuration that the first container wrote."""
    return (folder / "thapcanh" / "thapcanh.toml").read_text(encoding="utf-8")


def moved(text: str, folder: Path) -> str:
    """The text with a pod's folders in one of ours."""
    for place in ("given", "secrets", "thapcanh"):
        text = text.replace(f"/run/{place}", f"{folder}/{place}")
    return text.replace("/var/lib/thapcanh", f"{folder}/data").replace(
        "/etc/thapcanh", f"{folder}/etc"
    )


@pytest.mark.parametrize("part", ["centre", "head", "node"])
def test_who_writes_acts_had_no_key_to_sign_their_log(part: str, tmp_path: Path) -> None:
    """On PostgreSQL nobody signs without one; all share it, and each holds the log's end beside."""
    config = started("ward", part, tmp_path)
    site = load_site(config, environ={}).site_or_raise()
    key = tmp_path / "data" / "log.key"
    assert site.archive.log_key == (None if part == "node" else key)
    assert key.exists() is (part != "node")
    if key.exists():
        given = tmp_path / "given" / "secrets" / "log_key"
        assert key.read_text(encoding="utf-8") == given.read_text(encoding="utf-8")
        assert key.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "secrets" / "log_key").exists()


@pytest.mark.parametrize("site", SITES)
def test_a_pod_may_do_little_and_has_no_secret_in_its_environment(site: str) -> None:
    for name, pod in pods(site):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name  # fmt: skip
            told = {one["name"] for one in container.get("env", ())}
            assert told <= {"POD_IP", "NODE_NAME"}
            assert "envFrom" not in container
        mounts = {one["name"] for one in pod["containers"][0]["volumeMounts"]}
        assert mounts <= {volume["name"] for volume in pod["volumes"]} | {"data"}


def test_two_centres_stand_apart_and_a_browser_stays_with_one() -> None:
    documents = rendered(values_of("city"))
    centre = documents["StatefulSet", "tc-centre"]["spec"]
    labels = centre["template"]["metadata"]["labels"]
    apart = centre["template"]["spec"]["affinity"]["podAntiAffinity"]
    (rule,) = apart["requiredDuringSchedulingIgnoredDuringExecution"]
    for chosen in (
        rule["labelSelector"]["matchLabels"],
        centre["selector"]["matchLabels"],
        documents["Service", "tc-centre"]["spec"]["selector"],
        documents["PodDisruptionBudget", "tc-centre"]["spec"]["selector"]["matchLabels"],
    ):
        assert chosen.items() <= labels.items()
    ingress = documents["Ingress", "tc-centre"]["metadata"]["annotations"]
    assert ingress["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    assert ("PodDisruptionBudget", "tc-centre") not in rendered(values_of("ward"))


def test_a_node_is_the_machine_and_gives_its_cameras_away_before_it_stops() -> None:
    documents = rendered(values_of("city"))
    group = documents["DaemonSet", "tc-node-ba-dinh"]["spec"]["template"]["spec"]
    (node,) = group["containers"]
    paths = {one["name"]: one["hostPath"]["path"] for one in group["volumes"] if "hostPath" in one}
    assert paths["data"] == "/var/lib/thapcanh"
    assert paths["recordings"] == "/srv/recordings"
    assert group["hostNetwork"] is True
    assert node["args"][1:] == ["join", "--area", "ba-dinh"]
    stop = node["lifecycle"]["preStop"]["exec"]["command"][-1]
    within = re.search(r"--within (\d+)", stop)
    assert within is not None
    assert group["terminationGracePeriodSeconds"] > int(within[1])
    gpu = documents["DaemonSet", "tc-node-gpu"]["spec"]["template"]["spec"]["containers"][0]
    assert gpu["args"][1:] == ["join", "--gpu", "--workers", "2"]


def test_a_stopped_node_asks_for_its_cameras_back(tmp_path: Path) -> None:
    """The queue remembers a drain for ever: the pod after an upgrade would watch nothing."""
    node = next(pod["containers"][0] for name, pod in pods("ward") if "-node-" in name)
    said = tmp_path / "said"
    for name in ("thapcanh", "tini"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >> {said}\n', encoding="utf-8")
        program.chmod(0o755)
    told = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "NODE_NAME": "may-1.ba-dinh.example"}

    def ran(words: list[str]) -> list[str]:
        said.unlink(missing_ok=True)
        here = [
            word.replace("/var/lib/thapcanh", str(tmp_path)).replace("/usr/bin/tini", "tini")
            for word in words
        ]
        subprocess.run(here, check=True, env={**told, "POD_IP": "10.0.0.7"}, timeout=60)
        return sorted(said.read_text(encoding="utf-8").splitlines())

    config = "-c /run/thapcanh/thapcanh.toml"
    join = f"tini -- thapcanh cluster join {config} --node may-1-ba-dinh-example --address 10.0.0.7"
    start = [*node["command"], *node["args"]]
    assert ran(start) == [join]
    ran(node["lifecycle"]["preStop"]["exec"]["command"])
    left = tmp_path / "left-by-stop"
    assert left.exists()
    assert join in ran(start)
    deadline = time.monotonic() + PATIENCE_S
    while left.exists():
        assert time.monotonic() < deadline, "it does not ask"
        time.sleep(0.05)
    asked = f"thapcanh cluster drain may-1-ba-dinh-example --back {config}"
    assert asked in said.read_text(encoding="utf-8")


@pytest.mark.parametrize(("age_s", "code"), [(5, 0), (600, 1), (None, 1)])
def test_a_probe_tells_a_living_loop_from_one_that_hangs(
    age_s: int | None, code: int, tmp_path: Path
) -> None:
    for name, pod in pods("city"):
        probe = pod["containers"][0]["livenessProbe"]["exec"]["command"]
        beat = tmp_path / {"tc-centre": "beat", "tc-head": "fleet.beat"}.get(name, "n-1-0.beat")
        if age_s is not None:
            beat.touch()
            os.utime(beat, (time.time() - age_s,) * 2)
        script = re.sub(r"/var/lib/thapcanh/run|/tmp(?=/beat)", str(tmp_path), probe[-1])
        done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
        assert done.returncode == code, name


def test_what_is_missing_is_told_at_once() -> None:
    told = refusal({})
    for name in (
        "image.repository", "existingSecret", "queue.host", "archive.host", "centre.host",
        "centre.proxies", "ingress.tlsSecret", "networkPolicy.nodeCidrs", "nodeGroups",
        "evidence.s3",
    ):  # fmt: skip
        assert name in told
    twice = {**values_of("ward"), "nodeGroups": list(values_of("ward")["nodeGroups"]) * 2}
    assert "two groups are called ward" in refusal(twice)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"queue": {"host": "q\n[archive]"}}, "queue/host"),
        ({"archive": {"host": "db.example", "user": "a:b@c"}}, "archive/user"),
        ({"centre": {"host": 'x"]', "proxies": ["10.0.0.0/8"]}}, "centre/host"),
        ({"centreSecretKeys": ["../../etc/shadow"]}, "centreSecretKeys"),
        ({"existingSecrets": "typing-slip"}, "existingSecrets"),
        ({"drainWithinSeconds": "soon"}, "drainWithinSeconds"),
    ],
)
def test_a_value_that_could_be_anything_is_refused_by_name(
    values: Mapping[str, Any], named: str
) -> None:
    assert named in refusal({**values_of("ward"), **values})


def test_a_hostile_name_stays_a_name() -> None:
    name = 'Quận "1" \\ {{ fail "x" }} # $(id) \' [[cameras]]'
    values = {**values_of("ward"), "site": {"name": name}, "config": "[looks]\ninterval_s = 1.0"}
    text = rendered(values)["ConfigMap", "tc-configuration"]["data"]["node.toml"]
    read = tomllib.loads(text)
    assert read["site"]["name"] == name
    assert read["looks"] == {"interval_s": 1.0}
