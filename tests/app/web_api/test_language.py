"""The language of an answer, and that each sentence exists in both."""

import re

import pytest

from thapcanh.app.web_api.language import Language, chosen
from thapcanh.app.web_api.messages.sentences import TEXTS, sentence


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Language.VI), ("", Language.VI), ("en", Language.EN),
        ("en-GB,en;q=0.9", Language.EN),
        ("vi-VN", Language.VI), ("fr", Language.VI), ("fr,en;q=0.3", Language.EN),
        ("en;q=0.2,vi;q=0.8", Language.VI), ("en;q=x", Language.VI), ("*", Language.VI),
        ("en;q=0", Language.VI), (",;=," * 100, Language.VI),
    ],
)  # fmt: skip
def test_the_language_is_the_wanted_one(header: str | None, expected: Language) -> None:
    assert chosen(header, Language.VI) is expected


@pytest.mark.parametrize("error", sorted(TEXTS))
def test_every_sentence_exists_in_both_languages(error: str) -> None:
    names = set(re.findall(r"{(\w+)}", "".join(TEXTS[error])))
    facts = dict.fromkeys(names, "X")
    said = {language: sentence(error, language, facts) for language in Language}
    assert said[Language.VI] != said[Language.EN]
    assert "{" not in "".join(said.values())
    assert not re.search(r"\bbạn\b", said[Language.VI], re.IGNORECASE)  # an officer is đồng chí
