import pytest

from voicebot.errors import UsageError
from voicebot.hearing import GRAMMARS, parse_grammar

pytestmark = pytest.mark.unit


def test_a_name_is_a_grammar_and_so_is_a_list() -> None:
    assert parse_grammar("digits") == GRAMMARS["digits"]
    assert parse_grammar('["ja", "één", "[unk]"]') == ("ja", "één", "[unk]")


@pytest.mark.parametrize("text", ["colours", "[]", "{}", "[1]", '"ja"', '["ja"'])
def test_anything_else_is_wrong_use_and_says_what_is_right(text: str) -> None:
    with pytest.raises(UsageError, match="yes_no, digits, postcode, human, or a JSON list"):
        parse_grammar(text)
