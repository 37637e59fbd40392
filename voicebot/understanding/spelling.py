"""Letters as people say them: "b", "bee", "de b van bernard", "bravo", "dubbel b", "bj"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_DUTCH = (
    *("anton", "bernard", "cornelis", "dirk", "eduard", "ferdinand", "gerard", "hendrik", "izaak", "johan"),
    *("karel", "lodewijk", "maria", "nico", "otto", "pieter", "quotient", "rudolf", "simon", "teunis"),
    *("utrecht", "victor", "willem", "xantippe", "ypsilon", "zaandam"),
)
_FLEMISH = (
    *("arthur", "brussel", "carolina", "desire", "emiel", "frederik", "gustaaf", "hendrik", "isidoor"),
    *("jozef", "kilogram", "leopold", "napoleon", "oscar", "piano", "quinten", "robert", "sofie", "telefoon"),
    *("ursula", "waterloo", "xavier", "yvonne", "zola"),
)
_NATO = (
    *("alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo"),
    *("lima", "mike", "november", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "whiskey"),
    *("xray", "yankee", "zulu"),
)
ALPHABET = {word: word[0] for word in (*_DUTCH, *_FLEMISH, *_NATO)}
"""Words that people spell with, and the letters that they stand for."""
_SPOKEN = (
    "a:aa b:be b:bee c:ce c:cee c:see d:dee e:ee f:ef g:gee h:haa i:ie j:jee k:ka k:kaa l:el m:em o:oo p:pe "
    "p:pee q:ku s:es t:tee t:thee u:uu v:ve v:vee w:wee x:iks y:ij z:zet"
)
"""Letter and how a recogniser may write its name."""
_SOUNDS = {letter: letter for letter in "abcdefghijklmnopqrstuvwxyz"}
_SOUNDS |= {sound: letter for letter, _, sound in (pair.partition(":") for pair in _SPOKEN.split())}
_SOUNDS_IN_DOUBT = {"er": "r", "ge": "g", "ha": "h", "je": "j", "te": "t", "we": "w"}
"""Words that sound like a letter; taken for one only where nothing follows."""
_COMMON_PAIRS = frozenset(
    {"af", "al", "an", "as", "de", "en", "er", "ga", "ge", "ha", "he", "ik", "in", "is", "ja", "je", "me"}
    | {"na", "nu", "of", "ok", "om", "op", "te", "we", "ze", "zo"}
)
"""Two letters that are a word of their own, and so no pair of a postcode."""
_FILLERS = frozenset({"de", "en", "dan", "letter", "letters", "hoofdletter", "hoofdletters", "daarna", "met"})
_LINKS = (("als", "in"), ("van",), ("voor",), ("als",))


def read_pair(words: Sequence[str], at: int) -> tuple[int, str] | None:
    """Read two letters said from word `at` on; return (index after them, "bj"), or None."""
    return next(_pairs(words, at), None)


def _pairs(words: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    for end, said in _spoken(words, at):
        if len(said) == 2:
            yield end, said
        else:
            yield from ((after, said + more) for after, more in _spoken(words, end) if len(more) == 1)


def _spoken(words: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    """Yield the readings of the letter, or the two letters, said at `at`, the safest first."""
    start = at
    while start < len(words) and words[start] in _FILLERS:
        start += 1
    yield from _sure(words, start)
    if at < len(words) and words[at] in _SOUNDS_IN_DOUBT and at == len(words) - 1:
        yield at + 1, _SOUNDS_IN_DOUBT[words[at]]


def _sure(words: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    if at >= len(words):
        return
    word = words[at]
    if word in ("dubbel", "dubbele") and words[at + 1 : at + 2] and words[at + 1] in _SOUNDS:
        yield at + 2, 2 * _SOUNDS[words[at + 1]]
    elif word in _SOUNDS:
        yield _explained(words, at + 1, _SOUNDS[word])
    elif word in ALPHABET:
        yield at + 1, ALPHABET[word]
    if len(word) == 2 and word.isalpha() and word not in _COMMON_PAIRS:
        yield at + 1, word


def _explained(words: Sequence[str], at: int, letter: str) -> tuple[int, str]:
    """Take in "van bernard" after a letter; the word is heard better than the letter, so it decides."""
    for link in _LINKS:
        example = at + len(link)
        if tuple(words[at:example]) == link and example < len(words):
            word = words[example]
            if word in ALPHABET or (word[0] == letter and len(word) > 1):
                return example + 1, word[0]
    return at, letter
