"""Safety check of a `.pt` file by its pickle opcodes, without loading it."""

import io
import pickletools
import re
import zipfile

from thapcanh.detection.errors import WeightsError

_MOST_BYTES = 256 << 20  # of one pickle; the numbers lie beside it
_HARMLESS = re.compile(
    r"torch\._utils _rebuild_\w+"
    r"|torch (Size|device|dtype|[A-Z]\w+Storage|float\d+|bfloat16|u?int\d+|bool)"
    r"|torch\.(storage|nn\.parameter|_tensor) \w+"
    r"|torch\.nn\.modules\.\w+ [A-Z]\w+"
    r"|ultralytics\.nn\.(tasks|modules(\.\w+)?) [A-Z]\w+"
    r"|ultralytics\.utils(\.(loss|tal))? [A-Z]\w+"
    r"|collections (OrderedDict|defaultdict|deque|Counter)"
    r"|(__builtin__|builtins) (set|frozenset|dict|list|slice|int|float|complex|bytearray|object)"
    r"|numpy(\._?core\.multiarray)? (_reconstruct|scalar|ndarray|dtype)"
    r"|_codecs encode|copyreg\w* _reconstructor|copy_reg _reconstructor|pathlib \w*Path"
)


def foreign_calls(content: bytes) -> list[str]:
    """Return the forbidden calls, each once. Raise `WeightsError` for a broken file."""
    found: dict[str, None] = {}
    for program in _pickles(content):
        try:
            for word, argument, _ in pickletools.genops(program):
                if word.name in ("GLOBAL", "INST") and not _HARMLESS.fullmatch(str(argument)):
                    found[str(argument).replace(" ", ".")] = None
                elif word.name in ("STACK_GLOBAL", "EXT1", "EXT2", "EXT4"):
                    found["a name that it makes up while it runs"] = None
        except Exception as error:  # noqa: BLE001 the library raises many kinds for no pickle
            raise WeightsError(f"it is torn, or not a PyTorch file: {error}") from None
    return list(found)


def _pickles(content: bytes) -> list[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [one for one in archive.infolist() if one.filename.endswith(".pkl")]
            if not parts:
                raise WeightsError("it holds no network: not a PyTorch file")
            if any(one.file_size > _MOST_BYTES for one in parts):
                raise WeightsError("its pickle is too large")
            return [archive.read(one) for one in parts]
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError) as error:
        raise WeightsError(f"it is torn, or not a PyTorch file: {error}") from None
