"""`config/loading/read.py`: what is kept of the files in memory."""

from pathlib import Path

from thapcanh.config.loading.read import read_all


def test_texts_that_all_entries_repeat_are_in_memory_once(tmp_path: Path) -> None:
    entries = "".join(
        f'[[cameras]]\nid = "c{number}"\nname = "C"\nsource = "rtsp://10.0.0.{number}/a"\n'
        for number in range(2)
    )
    path = tmp_path / "thapcanh.toml"
    path.write_text(entries, encoding="utf-8")
    first, second = (entry.table for entry in read_all(path).entries["cameras"])
    assert all(one is other for one, other in zip(first, second, strict=True))
    assert first["name"] is second["name"]
    assert [first["id"], second["id"]] == ["c0", "c1"]
