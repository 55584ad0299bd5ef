"""Candidates of labelled pictures, for more places than there are clips."""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.region import Region, area, overlap, shared_area, touch
from thapcanh.ingest.frame import Frame, frame_of
from thapcanh.tools.training.sources import is_clear, labelled_boxes, pictures_in, read_pixels
from thapcanh.tools.training.witness.candidates import LEAST_CONFIDENCE, TaughtCandidate
from thapcanh.tools.training.witness.fit import Taught
from thapcanh.tools.training.witness.floor import is_test
from thapcanh.tools.training.witness.recipe import WitnessPictures

LONGEST_PX = 960  # what is larger is made smaller, as most cameras' second streams are
SAME = 0.3  # overlap (intersection over union) from which a box says so …
HARDLY, INSIDE = 0.1, 0.6  # … or this much, with one of the two mostly inside the other
AT_ONCE = 50
Halves = npt.NDArray[np.float16]
LookAtPicture = Callable[[Frame], Detections]
Describe = Callable[[Frame, Sequence[TaughtCandidate]], Halves]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureCandidates:
    """Candidates of a set: a row of features each."""

    features: Halves
    is_smoke: npt.NDArray[np.bool_]
    burns: npt.NDArray[np.bool_]
    names: tuple[str, ...]
    """Of the pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesToTeach:
    """Location of the recipe's picture sets, and the detector."""

    root: Path
    look_at: LookAtPicture


def of_set(
    requested: WitnessPictures,
    seed: int,
    provided: PicturesToTeach,
    describe: Describe,
    retained: Path,
) -> PictureCandidates:
    """Return the candidates of the set in the folder of its name.

    Raise `DataError` if the folder is no such set.
    """
    paths = _drawn(pictures_in(provided.root / requested.folder / "images"), requested, seed)
    parts = [
        _described(paths[start : start + AT_ONCE], requested, provided.look_at, describe, retained)
        for start in range(0, len(paths), AT_ONCE)
    ]
    return PictureCandidates(
        features=np.concatenate([part.features for part in parts]),
        is_smoke=np.concatenate([part.is_smoke for part in parts]),
        burns=np.concatenate([part.burns for part in parts]),
        names=tuple(name for part in parts for name in part.names),
    )


def joined(
    clips: Taught, requested: Sequence[WitnessPictures], sets: Mapping[str, PictureCandidates]
) -> tuple[Taught, Taught]:
    """Return all training data, and the shipped test candidates, which do not teach.

    Clips that burn count a half together. Tests are a tenth of what burns in sets under a free
    licence.
    """
    counts, is_requested, names = [np.zeros(len(clips))], [np.zeros(len(clips), np.bool_)], []
    for one in requested:
        found = sets[one.folder]
        is_tenth = np.array([is_test(name) for name in found.names], np.bool_)
        is_tenth &= found.burns & is_clear(one.licence)
        each = np.zeros(len(is_tenth))
        for side, share in ((found.burns, one.burning), (~found.burns, one.others)):
            teaches = side & ~is_tenth
            each[teaches] = share / 2 / max(1, int(teaches.sum()))
        counts.append(each)
        is_requested.append(is_tenth)
        names += [f"{one.folder}/{name}" for name in found.names]
    parts = [sets[one.folder] for one in requested]
    everything = Taught(
        features=np.concatenate([clips.features, *(part.features for part in parts)]),
        is_smoke=np.concatenate([clips.is_smoke, *(part.is_smoke for part in parts)]),
        burns=np.concatenate([clips.burns, *(part.burns for part in parts)]),
        clips=(*clips.clips, *names),
        places=(*clips.places, *names),
        counts=np.concatenate(counts),
    )
    teaches = np.concatenate(counts) > 0
    teaches[: len(clips)] = True
    return everything.part(teaches), everything.part(np.concatenate(is_requested))


def _drawn(paths: Sequence[Path], requested: WitnessPictures, seed: int) -> list[Path]:
    if requested.only_with is not None:
        paths = [path for path in paths if requested.only_with in _kinds(_boxes(path, requested))]
    if requested.at_most is None or requested.at_most >= len(paths):
        return list(paths)
    chance = random.Random(f"{seed}:{requested.folder}")  # noqa: S311 - a draw, no secret
    return sorted(chance.sample(list(paths), requested.at_most))


def _kinds(boxes: Sequence[tuple[str, Region]]) -> set[str]:
    return {kind for kind, _ in boxes}


def _boxes(path: Path, requested: WitnessPictures) -> list[tuple[str, Region]]:
    labels = path.parent.parent / "labels" / f"{path.stem}.txt"
    return [(box.label, box.xyxy) for box in labelled_boxes(labels, requested.labels)]


def _described(
    paths: Sequence[Path],
    requested: WitnessPictures,
    look_at: LookAtPicture,
    describe: Describe,
    retained: Path,
) -> PictureCandidates:
    file = retained / f"{requested.folder}-{_digest(paths, requested)}.npz"
    if file.exists():
        return _read(file)
    features: list[Halves] = [describe(frame_of(np.zeros((32, 32, 3), np.uint8)), ())]
    found: list[tuple[str, bool, str]] = []
    for path in paths:
        frame = frame_of(_reduced(read_pixels(path)))
        match = list(
            _evaluated(list(look_at(frame).rows()), _boxes(path, requested), requested.kinds)
        )
        if match:
            features.append(describe(frame, [one for one, _ in match]))
            found += [(one.kind, burns, path.name) for one, burns in match]
    made = PictureCandidates(
        features=np.concatenate(features),
        is_smoke=np.array([kind == "smoke" for kind, _, _ in found], dtype=np.bool_),
        burns=np.array([burns for _, burns, _ in found], dtype=np.bool_),
        names=tuple(name for _, _, name in found),
    )
    np.savez(
        file,
        features=made.features,
        is_smoke=made.is_smoke,
        burns=made.burns,
        names=np.array(made.names, dtype=np.str_),
    )
    return made


def _read(file: Path) -> PictureCandidates:
    with np.load(file) as held:
        return PictureCandidates(
            features=np.asarray(held["features"], np.float16),
            is_smoke=np.asarray(held["is_smoke"], np.bool_),
            burns=np.asarray(held["burns"], np.bool_),
            names=tuple(str(name) for name in held["names"]),
        )


def _digest(paths: Sequence[Path], requested: WitnessPictures) -> str:
    """Return the digest of all that these candidates depend on besides the networks."""
    of = hashlib.sha256(repr((requested.labels, requested.kinds)).encode())
    for path in paths:
        of.update(path.name.encode() + path.read_bytes() + repr(_boxes(path, requested)).encode())
    return of.hexdigest()[:32]


def _reduced(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    share = LONGEST_PX / max(height, width)
    if share >= 1:
        return pixels
    size = (round(width * share), round(height * share))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _evaluated(
    rows: Sequence[Detection], boxes: Sequence[tuple[str, Region]], kinds: Sequence[str]
) -> Iterator[tuple[TaughtCandidate, bool]]:
    """Yield the surest true and false candidate of each kind."""
    for kind in kinds:
        own = [region for label, region in boxes if label == kind]
        existing: dict[bool, Detection] = {}
        for row in rows:  # by falling confidence
            if row.label != kind or row.confidence < LEAST_CONFIDENCE:
                continue
            if any(_is_same(row.box, region) for region in own):
                existing.setdefault(True, row)
            elif not any(touch(row.box, region) for _, region in boxes):
                existing.setdefault(False, row)
        for burns, row in sorted(existing.items()):
            yield TaughtCandidate(kind=kind, region=row.box, at_s=0.0), burns


def _is_same(one: Region, other: Region) -> bool:
    alike = overlap(one, other)
    if alike >= SAME:
        return True
    smaller = min(area(one), area(other))
    return alike >= HARDLY and shared_area(one, other) >= INSIDE * smaller
