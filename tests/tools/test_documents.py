"""What the documents say to type is there: commands, their options, make's targets, pages.

`tests/app/cli/test_documented_commands.py` runs those of `thapcanh` that need no other machine.
"""

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.documented_commands import DocumentedCommand, documented_commands, documents
from thapcanh.app.centre.web.front_end import PAGES
from thapcanh.app.cli.main import parser

ROOT = Path(__file__).parents[2]
_ANSWERED_BY_THE_CENTRE = {"healthz", "readyz", "metrics", "api"}


def _of(program: str) -> list[DocumentedCommand]:
    return [one for one in documented_commands() if one.program == program]


@pytest.mark.parametrize("said", _of("thapcanh"), ids=str)
def test_a_documented_command_of_thapcanh_is_one(said: DocumentedCommand) -> None:
    words = said.words[1:]
    if len(words) == 1:  # only named: `thapcanh verify` says what it needs itself
        assert f"{words[0]}" in parser().format_help().split(), f"{said}: no such command"
        return
    try:
        parser().parse_args(words)
    except SystemExit as refused:
        pytest.fail(f"{said}: refused with {refused.code}")


@pytest.mark.parametrize("said", _of("make"), ids=str)
def test_a_documented_target_of_make_is_one(said: DocumentedCommand) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in said.words[1:]:
        name, is_variable, _ = word.partition("=")
        pattern = rf"^{name} \?=" if is_variable else rf"^{name}:"
        assert re.search(pattern, makefile, re.MULTILINE), f"{said}: no {name} in the Makefile"


@pytest.mark.parametrize("said", _of("python"), ids=str)
def test_a_documented_module_takes_the_options_it_is_shown_with(said: DocumentedCommand) -> None:
    _, _, module, *rest = said.words
    found = find_spec(module) or pytest.fail(f"{said}: no module {module}")
    main = find_spec(f"{module}.__main__") if found.submodule_search_locations else found
    assert main is not None, f"{said}: {module} cannot be run"
    assert main.origin is not None
    folder = Path(main.origin).parent
    sources = [main.origin, *(folder.glob("*.py") if found.submodule_search_locations else ())]
    text = "".join(Path(path).read_text(encoding="utf-8") for path in sources)
    for option in (word.partition("=")[0] for word in rest if word.startswith("--")):
        assert f'"{option}"' in text, f"{said}: {module} knows no {option}"


def _pages() -> Iterator[tuple[str, str]]:
    for path in documents():
        text = path.read_text(encoding="utf-8")
        for page in re.findall(r"`/([a-z-]+)`", text):
            yield str(path.relative_to(ROOT)), page


@pytest.mark.parametrize(("document", "page"), sorted(set(_pages())))
def test_a_documented_page_is_one(document: str, page: str) -> None:
    assert page in {*PAGES, *_ANSWERED_BY_THE_CENTRE}, f"{document}: there is no page /{page}"


def test_commands_are_found() -> None:
    assert {one.program for one in documented_commands()} == {"thapcanh", "make", "python"}
    assert shlex.join(["make", "demo"]) in {shlex.join(one.words) for one in _of("make")}


def test_both_readmes_say_the_same() -> None:
    """Headings, commands, pictures and links stand in the same order in both languages."""
    english, vietnamese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.vi.md")
    )
    for pattern in (
        r"^(#+) ",
        r"^    (\S[^#\n]*?) *(?:#.*)?$",  # a command without its comment
        r"\]\(((?!README)[^)]+)\)",
        r"`(thapcanh [a-z]+|make [a-z]+|/[a-z/]*|[\w.]+\.toml)`",
    ):
        found = re.findall(pattern, english, re.MULTILINE)
        assert found == re.findall(pattern, vietnamese, re.MULTILINE)
        assert len(found) > 3


def _named_tests(text: str) -> list[str]:
    """Files and folders of tests, by their path or by a name alone."""
    words = re.findall(r"`([^`\s<]+)`", text)
    return [one for one in words if re.match(r"tests/|([\w/]+/)?test_\w+\.py$", one)]


def _found(name: str) -> list[Path]:
    """Where it is; a name alone is to be one file's."""
    return list(ROOT.glob(name if name.startswith("tests/") else f"tests/**/{name}"))


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.stem)
def test_a_test_that_a_document_names_is_there(page: Path) -> None:
    named = set(_named_tests(page.read_text(encoding="utf-8")))
    assert {one: _found(one) for one in named if len(_found(one)) != 1} == {}


def _claims(text: str) -> Iterator[str]:
    """What docs/security.md claims: paragraphs, points, and rows of a table with a column of proof.

    A table without that column is of the paragraphs above it. What is not protected needs none.
    """
    (section,) = re.findall(r"(?s)\n(## .*)\n## What is not protected\n", text)
    for block in re.sub(r"(?s)```.*?```", "", section).split("\n\n"):
        lines = block.strip().splitlines()
        if not lines or lines[0].startswith("#"):
            continue
        if lines[0].startswith("|"):
            yield from lines[2:] if lines[0].endswith("| Proof |") else ()
        elif lines[0].startswith("- "):
            yield from lines
        else:
            yield block


CLAIMS = sorted(_claims((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))


def test_the_claims_of_security_are_found() -> None:
    assert len(CLAIMS) > 50
    assert len([one for one in CLAIMS if one.startswith("| ")]) > 35


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim[:40])
def test_a_claim_of_security_named_no_test(claim: str) -> None:
    tests = _named_tests(claim.rpartition("|")[0].rpartition("|")[2] or claim)
    assert tests, f"docs/security.md claims without a proof: {claim}"
    assert [one for one in tests if len(_found(one)) != 1] == []
