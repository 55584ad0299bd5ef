"""What lives long is taken out of the collector's sight; garbage and what is replaced is not."""

import ctypes
import gc
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator

import psutil
import pytest

from thapcanh.app.process.resources import MemoryManager, freeze_objects, give_memory_back

BOTH = pytest.mark.parametrize(
    "keep", [freeze_objects, lambda: MemoryManager(refreezes_once=True).round()]
)
BLOCKS, BLOCK_BYTES = 50_000, 2_000


class _Held:
    """Something that may refer to itself."""

    other: object = None


class _Watch:
    """A clock by which each look takes its time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.look_s = 0.0

    def __call__(self) -> float:
        self.now += self.look_s
        return self.now


def circle() -> "weakref.ref[_Held]":
    lost = _Held()
    lost.other = lost
    return weakref.ref(lost)


@pytest.fixture(autouse=True)
def _seen_again() -> Iterator[None]:
    gc.disable()  # only what is asked for
    yield
    gc.enable()
    gc.unfreeze()


@BOTH
def test_a_later_collection_does_not_walk_what_was_there_before(keep: Callable[[], None]) -> None:
    held = [_Held() for _ in range(1000)]
    keep()
    assert gc.get_freeze_count() > len(held)
    walked = {id(one) for one in gc.get_objects()}
    assert not walked & {id(one) for one in held}


@BOTH
def test_garbage_is_not_kept_with_it_and_what_is_replaced_is_freed(
    keep: Callable[[], None],
) -> None:
    lost, plain = circle(), _Held()
    replaced = weakref.ref(plain)
    keep()
    assert lost() is None
    del plain
    assert replaced() is None


def test_keeping_ends_with_the_first_minute() -> None:
    memory = MemoryManager(refreezes_once=True)
    memory.round()
    memory.round()
    gc.unfreeze()
    memory.round()
    assert gc.get_freeze_count() == 0


def test_old_garbage_is_collected_when_a_round_is_due() -> None:
    watch, shrunk = _Watch(), list[int]()
    memory = MemoryManager(shrink=lambda: shrunk.append(1), monotonic=watch)
    old = circle()
    for generation in (0, 1):  # it outlived the cheap collections: a viewer who watched for long
        kept = old()
        gc.collect(generation)
        del kept
    memory.tick()
    assert old() is not None
    assert not shrunk
    watch.now = 30.0
    memory.tick()
    assert old() is None
    assert shrunk == [1]


def test_a_collection_that_takes_long_comes_seldom() -> None:
    watch = _Watch()
    memory = MemoryManager(monotonic=watch)
    watch.look_s = 0.1  # what a collection takes
    memory.round()
    watch.look_s = 0.0
    lost = circle()
    watch.now += 90.0
    memory.round()
    assert lost() is not None
    watch.now += 20.0
    memory.round()
    assert lost() is None


@pytest.mark.parametrize("give_back", [give_memory_back, freeze_objects])
def test_freed_memory_is_given_back(give_back: Callable[[], object]) -> None:
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):
        pytest.skip("this C library keeps nothing that it could give back")
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    blocks = [libc.malloc(BLOCK_BYTES) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK_BYTES)
    for block in blocks[:-1]:  # the last one holds the heap's end where it is
        libc.free(block)
    before = psutil.Process().memory_full_info().uss
    give_back()
    freed = before - psutil.Process().memory_full_info().uss
    libc.free(blocks[-1])
    assert freed > 0.8 * BLOCKS * BLOCK_BYTES


HEAPS = """
import ctypes, threading
from thapcanh.app.process.resources import use_few_heaps
libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_info"):
    raise SystemExit(77)
assert use_few_heaps()
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
together = threading.Barrier(12)
def take():
    together.wait()
    libc.malloc(ctypes.c_size_t(5000))
    together.wait()
threads = [threading.Thread(target=take) for _ in range(12)]
for one in threads: one.start()
for one in threads: one.join()
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


def test_all_threads_share_few_heaps() -> None:
    told = subprocess.run(
        [sys.executable, "-c", HEAPS], capture_output=True, text=True, check=False
    )
    if told.returncode == 77:
        pytest.skip("this C library has no heaps of threads")
    assert told.returncode == 0, told.stderr
    assert 1 <= told.stdout.count("<heap nr=") <= 2
