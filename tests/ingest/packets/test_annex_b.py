"""Annex B bytes are cut into NAL units."""

from thapcanh.ingest.packets.annex_b import nal_units


def test_data_are_cut_at_both_kinds_of_start_code() -> None:
    data = b"\x00\x00\x00\x01\x67\x11\x00\x00\x01\x68\x22\x00\x00\x00\x00\x01\x65\x33\x00\x00\x01"
    assert list(nal_units(data)) == [b"\x67\x11", b"\x68\x22", b"\x65\x33"]
    assert list(nal_units(b"no start code")) == []
