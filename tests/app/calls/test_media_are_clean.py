"""`exiftool` finds nothing in what strangers sent that tells where, when, by whom or with what."""

import base64
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from thapcanh.app.calls.media_child import main

EXIFTOOL = shutil.which("exiftool")
pytestmark = pytest.mark.skipif(
    EXIFTOOL is None, reason="needs Debian's libimage-exiftool-perl (exiftool)"
)
SECRET = "BIMAT"
XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="{SECRET}"/></rdf:RDF></x:xmpmeta>"""
OF_THE_PICTURE = {"ExifTool", "File", "JFIF", "Composite"}  # sizes and coding
OF_THE_FILM = OF_THE_PICTURE | {"QuickTime"}
SAY_WHO = ("GPS", "Make", "Model", "Software", "Comment", "Title", "Artist", "Location", "Author",
           "Description", "Copyright", "Serial", "Thumbnail", "Keys", "UserData")  # fmt: skip


def exif() -> Image.Exif:
    made = Image.Exif()
    made[0x010F], made[0x0110], made[0x0131] = SECRET, SECRET, SECRET  # maker, model, software
    made[0x0132] = "2026:11:29 18:00:00"
    place = made.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (21.0, 1.0, 42.6), "E", (105.0, 51.0, 15.1)
    return made


def picture(form: str) -> bytes:
    """A picture that says all that a phone says."""
    written = io.BytesIO()
    image = Image.new("RGB", (64, 32), (200, 40, 10))
    match form:
        case "JPEG":
            image.save(written, form, exif=exif(), comment=SECRET.encode(), xmp=XMP.encode())
        case "WEBP":
            image.save(written, form, exif=exif(), xmp=XMP.encode())
        case _:
            words = PngImagePlugin.PngInfo()
            words.add_text("Author", SECRET)
            words.add_itxt("XML:com.adobe.xmp", XMP)
            image.save(written, form, exif=exif(), pnginfo=words)
    return written.getvalue()


def film() -> bytes:
    """A film that says where it was taken, and what it is called."""
    written = io.BytesIO()
    options = {"movflags": "use_metadata_tags"}
    with av.open(written, "w", format="mp4", options=options) as container:
        container.metadata.update(
            title=SECRET, comment=SECRET, make=SECRET, location="+21.0285+105.8542/",
            creation_time="2026-11-29T18:00:00Z",
        )  # fmt: skip
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.metadata["handler_name"] = SECRET
        for _ in range(4):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return written.getvalue()


def told(content: bytes, folder: Path) -> dict[str, Any]:
    """All that `exiftool` reads in a file, by `group:name`."""
    file = folder / "file"
    file.write_bytes(content)
    command = [str(EXIFTOOL), "-j", "-G", "-a", "-u", "-ee", str(file)]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    (found,) = json.loads(said)
    return {name: value for name, value in found.items() if ":" in name}


@pytest.mark.parametrize(
    ("make", "groups"),
    [
        (lambda: picture("JPEG"), OF_THE_PICTURE),
        (lambda: picture("PNG"), OF_THE_PICTURE),
        (lambda: picture("WEBP"), OF_THE_PICTURE),
        (film, OF_THE_FILM),
    ],
    ids=["jpeg", "png", "webp", "film"],
)
def test_exiftool_finds_nothing_but_pictures(
    make: Callable[[], bytes], groups: set[str], tmp_path: Path
) -> None:
    sent = make()
    assert SECRET in str(told(sent, tmp_path)), "else nothing is proved"
    answer = io.BytesIO()
    main(io.BytesIO(sent), answer)
    kept = base64.b64decode(json.loads(answer.getvalue())["content"])
    left = told(kept, tmp_path)
    assert {name.partition(":")[0] for name in left} <= groups, left
    names = [name.partition(":")[2] for name in left]
    assert not [name for name in names if name.startswith(SAY_WHO)], left
    dates = {str(value) for name, value in left.items() if "Date" in name and "File" not in name}
    assert dates <= {"0000:00:00 00:00:00"}, left
    assert SECRET.encode() not in kept
    assert b"105.85" not in kept
