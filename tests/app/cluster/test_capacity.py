"""How many cameras a worker holds, learned from how late its looks come."""

from thapcanh.app.cluster.capacity import REPORTS, MeasuredCapacity, WorkerLoad, measured, of_memory

START = MeasuredCapacity(cameras=40, most=80)


def _after(known: MeasuredCapacity, rounds: int, cameras: int, late: int) -> MeasuredCapacity:
    first = known.last or WorkerLoad(cameras=cameras, looks=0, late=0)
    known = measured(known, first)
    for number in range(1, rounds + 1):
        load = WorkerLoad(
            cameras=cameras, looks=first.looks + 100 * number, late=first.late + late * number
        )
        known = measured(known, load)
    return known


def test_late_looks_in_several_reports_mean_fewer_cameras() -> None:
    assert _after(START, REPORTS - 1, cameras=30, late=10).cameras == 40
    assert _after(START, REPORTS, cameras=30, late=10).cameras == 27


def test_one_late_report_is_forgotten() -> None:
    known = _after(START, REPORTS - 1, cameras=30, late=10)
    known = _after(known, 1, cameras=30, late=0)
    assert _after(known, 1, cameras=30, late=10).cameras == 40


def test_a_worker_that_keeps_up_with_all_it_may_have_is_given_more_up_to_its_memory() -> None:
    known = _after(START, 10 * REPORTS, cameras=40, late=0)
    assert known.cameras == 45
    for _ in range(20):
        known = _after(known, 10 * REPORTS, cameras=known.cameras, late=0)
    assert known.cameras == 80


def test_a_worker_that_has_little_to_do_proves_nothing() -> None:
    assert _after(START, 20 * REPORTS, cameras=10, late=0).cameras == 40


def test_a_worker_that_began_again_is_measured_from_there() -> None:
    known = _after(START, REPORTS - 1, cameras=30, late=10)
    again = measured(known, WorkerLoad(cameras=30, looks=5, late=5))
    assert again.late_rounds == 0


def test_memory_bounds_what_a_machine_is_given() -> None:
    assert of_memory(27_000_000 * 100, workers=2) == 50
    assert of_memory(0, workers=8) == 1
