"""`nearest`: the known text most similar to a word, also among thousands."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache

CLOSE = 0.6
# One of two kanji wrong is half of the word, and still a slip.
SHORT, SHORT_CLOSE = 3, 0.5
# Among more, only those that share rare parts with the word are compared with it.
FEW = 300
RARE, MOST_COMPARED = 100, 20


def nearest(word: str, known: Iterable[str]) -> str:
    """The known text most similar to a word, upper and lower case alike; '' if none is close."""
    return _alphabet(tuple(known)).nearest(word.casefold().strip())


@lru_cache(maxsize=16)
def _alphabet(known: tuple[str, ...]) -> _Alphabet:
    return _Alphabet(known)


class _Alphabet:
    """An index of known texts by their parts."""

    def __init__(self, known: tuple[str, ...]):
        self.folded = {text.casefold(): text for text in known}

    def nearest(self, word: str) -> str:
        """The known text most similar to a word in lower case; '' if none is close."""
        short = len(word) <= SHORT and not word.isascii()
        among = list(self.folded) if len(self.folded) <= FEW else self._like(word)
        close = difflib.get_close_matches(word, among, 1, SHORT_CLOSE if short else CLOSE)
        if not close and len(word) > 1:
            close = [text for text in self.folded if text.startswith(word)]
        return self.folded[close[0]] if close else ""

    def _like(self, word: str) -> list[str]:
        """Texts one letter away from a word, or else those with the same rare pairs of letters."""
        slips = {text: None for part in _shortened(word) for text in self._slips.get(part, ())}
        if slips:
            return list(slips)[:RARE]
        rare = sorted((self._pairs.get(pair, []) for pair in _pairs(word)), key=len)
        shared = Counter(text for texts in rare if len(texts) <= RARE for text in texts)
        if shared:
            return [text for text, _ in shared.most_common(MOST_COMPARED)]
        return next((texts[:MOST_COMPARED] for texts in rare if texts), [])

    @cached_property
    def _slips(self) -> dict[str, list[str]]:
        texts: dict[str, list[str]] = defaultdict(list)
        for text in self.folded:
            for part in _shortened(text):
                texts[part].append(text)
        return dict(texts)

    @cached_property
    def _pairs(self) -> dict[str, list[str]]:
        texts: dict[str, list[str]] = defaultdict(list)
        for text in self.folded:
            for pair in _pairs(text):
                texts[pair].append(text)
        return dict(texts)


def _shortened(text: str) -> dict[str, None]:
    """The text, and the text without each of its letters; two that differ in one share a part."""
    return dict.fromkeys([text, *(text[:i] + text[i + 1 :] for i in range(min(len(text), 60)))])


def _pairs(text: str) -> dict[str, None]:
    """The pairs of neighbouring letters of a text."""
    return dict.fromkeys(text[i : i + 2] for i in range(len(text) - 1))
