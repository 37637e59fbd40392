import pytest

from voicebot.speaking.pronunciation import for_espeak

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("tweehonderdzesentwintig euro", "tweehonderd 26 euro"),
        ("honderdvijf, tweehonderdéén", "honderd vijf, tweehonderd één"),
        ("de honderdste", "de honderdste"),
        ("elfhonderd", "elfhonderd"),
        ("Klantenservice", "klantensurvis"),
        ("mevrouw Jansen", "me-vrouw Jansen"),
        ("'s avonds, letter S", "'s avonds, letter es"),
        ("zeventien, veertien", "17, 14"),
        ("een stoel", "een stoel"),
    ],
)
def test_spelling_for_espeak(text: str, spelling: str) -> None:
    assert for_espeak(text) == spelling
