"""What packet sizes say: learned per camera, and admitted when they say nothing."""

import random
from collections.abc import Callable, Iterator

import pytest

from thapcanh.ingest.decoding.packet_sizes import PacketSizes, PacketSizeState

FPS = 15
Sizer = Callable[[float], float]


def _feed(
    sizes: PacketSizes,
    change: Sizer,
    *,
    from_s: float = 0.0,
    seconds: float = 60.0,
    keyframe_bytes: int = 40_000,
    gop: int = 30,
) -> Iterator[tuple[float, PacketSizeState]]:
    """Verdicts packet by packet, for a stream whose changed bytes a packet are `change(at_s)`."""
    for number in range(round(seconds * FPS)):
        at_s = from_s + number / FPS
        is_keyframe = number % gop == 0
        size = keyframe_bytes if is_keyframe else max(1, round(change(at_s)))
        sizes.add(at_s, size, is_keyframe=is_keyframe)
        yield at_s, sizes.verdict()


def _noisy(mean: float, share: float, seed: int = 1) -> Sizer:
    """A scene whose level wanders from half second to half second, as real ones do."""
    chance = random.Random(seed)
    levels = [mean * (1 + share * chance.uniform(-1, 1)) for _ in range(10_000)]
    return lambda at_s: levels[int(at_s * 2)] * (1 + share * chance.uniform(-1, 1))


def test_it_learns_before_it_judges() -> None:
    verdicts = list(_feed(PacketSizes(), _noisy(3000, 0.1)))
    learning = [at_s for at_s, verdict in verdicts if verdict is PacketSizeState.LEARNING]
    assert 9 <= max(learning) <= 12
    assert {verdict for at_s, verdict in verdicts if at_s > 12} == {PacketSizeState.USUAL}


@pytest.mark.parametrize(
    ("usual", "share", "grown", "wakes"),
    [
        (3000, 0.1, 9000, True),  # a street, something large comes
        (3000, 0.1, 3300, False),  # within what it does anyway
        (80, 0.05, 130, False),  # an empty scene: its packets nearly double, and are still nothing
        (80, 0.05, 600, True),
        (3000, 0.6, 5500, False),  # a restless scene knows such sizes
        (3000, 0.6, 30_000, True),
    ],
)
def test_it_wakes_for_what_is_unusual_here(
    usual: float, share: float, grown: float, wakes: bool
) -> None:
    sizes = PacketSizes()
    list(_feed(sizes, _noisy(usual, share)))
    later = [verdict for _, verdict in _feed(sizes, lambda _: grown, from_s=60, seconds=2)]
    assert (PacketSizeState.GREW in later) is wakes


def test_a_large_change_is_noticed_within_some_packets() -> None:
    sizes = PacketSizes()
    list(_feed(sizes, _noisy(3000, 0.1)))
    grew = [
        at for at, said in _feed(sizes, lambda _: 12_000, from_s=60) if said is PacketSizeState.GREW
    ]
    assert grew[0] <= 60 + 3 / FPS


def test_one_odd_packet_and_keyframes_do_not_matter() -> None:
    sizes = PacketSizes()
    list(_feed(sizes, _noisy(3000, 0.1)))
    sizes.add(60.0, 4500, is_keyframe=False)
    assert sizes.verdict() is PacketSizeState.USUAL
    sizes.add(60.1, 900_000, is_keyframe=True)
    assert sizes.verdict() is PacketSizeState.USUAL


def test_what_lasts_becomes_usual() -> None:
    """Rain in the evening wakes a camera, but does not keep it awake all night."""
    sizes = PacketSizes()
    list(_feed(sizes, _noisy(3000, 0.1)))
    rain = list(_feed(sizes, _noisy(6000, 0.1), from_s=60, seconds=180))
    assert rain[15][1] is PacketSizeState.GREW
    assert rain[-1][1] is PacketSizeState.USUAL


def test_a_constant_bitrate_says_nothing() -> None:
    """40 kB every 2 s, whatever share of it the keyframe takes."""
    sizes, chance = PacketSizes(), random.Random(2)
    for group in range(16):
        keyframe = chance.randint(6_000, 14_000)
        rest = _noisy((40_000 - keyframe) / 29, 0.0)
        list(_feed(sizes, rest, from_s=2.0 * group, seconds=2, keyframe_bytes=keyframe))
    assert sizes.verdict() is PacketSizeState.CONSTANT


def test_a_constant_bitrate_that_is_not_held_for_a_while_is_one_still() -> None:
    sizes, chance = PacketSizes(), random.Random(2)

    def play(groups: range, spread: float) -> None:
        for group in groups:
            total, keyframe = 40_000 * chance.uniform(1 - spread, 1 + spread), chance.randint(6, 14)
            rest = _noisy((total - 1000 * keyframe) / 29, 0.0)
            begins_s = 2.0 * group
            list(_feed(sizes, rest, from_s=begins_s, seconds=2, keyframe_bytes=1000 * keyframe))

    play(range(20), 0.0)
    assert sizes.verdict() is PacketSizeState.CONSTANT
    play(range(20, 46), 0.12)
    assert sizes.verdict() is PacketSizeState.CONSTANT
    play(range(46, 360), 0.5)
    assert sizes.verdict() is not PacketSizeState.CONSTANT, "it was set to another mode"


def test_a_still_scene_of_variable_bitrate_is_not_constant() -> None:
    """Its keyframes are all alike, but there is next to nothing between them."""
    verdicts = list(_feed(PacketSizes(), _noisy(90, 0.02)))
    assert verdicts[-1][1] is PacketSizeState.USUAL


def test_keyframes_only_say_nothing() -> None:
    verdicts = list(_feed(PacketSizes(), _noisy(1, 0.0), gop=1))
    assert verdicts[-1][1] is PacketSizeState.NONE


def test_a_reconnect_keeps_what_was_learned() -> None:
    sizes = PacketSizes()
    list(_feed(sizes, _noisy(3000, 0.1)))
    sizes.interrupted()
    after = list(_feed(sizes, _noisy(3000, 0.1), from_s=300, seconds=5))
    assert {verdict for _, verdict in after} == {PacketSizeState.USUAL}


@pytest.mark.parametrize("seed", range(5))
def test_a_packet_of_calm_size_never_makes_them_grow(seed: int) -> None:
    chance = random.Random(seed)
    sizes = PacketSizes()
    list(_feed(sizes, _noisy(3000, 0.3, seed)))
    calm = grew = 0
    before = sizes.verdict()
    for number in range(60 * FPS):
        at_s, level = 60 + number / FPS, chance.choice((900, 3000, 4500, 30_000))
        size = round(level * chance.uniform(0.7, 1.3))
        is_calm = before is PacketSizeState.USUAL and size <= sizes.calm_bytes
        sizes.add(at_s, size, is_keyframe=False)
        before = sizes.verdict()
        calm += is_calm
        grew += before is PacketSizeState.GREW
        assert not (is_calm and before is PacketSizeState.GREW)
    assert calm > 5
    assert grew > 5
