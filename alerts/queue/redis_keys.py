"""Keys used in Redis or Valkey."""

EVENTS = "thapcanh:events:v1"  # stream: one flat entry a message, oldest first
EVENTS_USED_UP = "thapcanh:events:used-up"  # an earlier EVENTS while its entries are moved
EVENTS_REPLACED = "thapcanh:events:made-anew"  # JSON, with a time to live: that it was, and why
DEAD = "thapcanh:events:dead"  # stream: entries that could not be read, with the reason
GROUP = "centre"  # consumer group of EVENTS

WORKERS = "thapcanh:workers"  # sorted set: worker id by the UTC second of its last report
STORE = "thapcanh:evidence-store"  # id of the evidence store that the centre reads
PHONES = "thapcanh:phones"  # JSON list of the phones that send now, with a time to live
TURNED = "thapcanh:turned"  # hash: camera id to where it looks (JSON), of cameras that are turned
DEVICE_ACTIVITY_KEY = (
    "thapcanh:devices:heard"  # sorted set: device id by the UTC second of its last word
)
CALLED = "thapcanh:called"  # cameras that a call is near to (JSON), with a time to live
PHONES_OF_CENTRES = "thapcanh:phones:centres"  # hash: centre to its phones (JSON), and until when
HABITS = "thapcanh:habits:v1"  # hash: camera id to its habit map (`habit_record`)
HABITS_CHANGED = "thapcanh:habits:changed"  # set: cameras whose map is newer than the archive's
HABITS_RECORDED = "thapcanh:habits:recorded"  # hash: camera id to a map that its worker is to join
HABIT_LESSONS = "thapcanh:habits:lessons"  # stream: verdicts for the maps, by time in microseconds
FLEET_HEAD = "thapcanh:fleet:head"  # JSON, with a time to live: the head that serves now
FLEET_PLAN = (
    "thapcanh:fleet:plan"  # JSON: which worker watches which camera (`thapcanh.app.cluster.plan`)
)
FLEET_DRAINING = "thapcanh:fleet:draining"  # set: nodes that get no cameras
_WORKER = "thapcanh:worker:"
_OWNER = "thapcanh:owner:"
_WATCHED = "thapcanh:watched:"
_FIGURES = "thapcanh:figures:"


def worker(worker_id: str) -> str:
    """Return the key of a worker's status (JSON, expires)."""
    return f"{_WORKER}{worker_id}"


def watched(worker_id: str) -> str:
    """Return the key of a worker's camera states (JSON: `version`, `cameras`)."""
    return f"{_WATCHED}{worker_id}"


def figures(worker_id: str) -> str:
    """Key of what a worker's cameras count (JSON by camera id, with a time to live)."""
    return f"{_FIGURES}{worker_id}"


def owner(part: str) -> str:
    """Key of the process (JSON, with a time to live) that is worker N or the centre."""
    return f"{_OWNER}{part}"
