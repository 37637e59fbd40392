"""Which costs of [unk] are chosen."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from training.unknown import Tried, choose, set_costs

from voicebot.hearing import open_registry
from voicebot.modelling import read_phone_loop

pytestmark = pytest.mark.unit

GOOD = Tried(entry=2, each=0, recall=0.996, false_accepts=4, digits=0.95, answers=1, cpu=0.01)


def test_the_fewest_false_accepts_with_enough_recall_are_chosen() -> None:
    fewer = replace(GOOD, entry=1, false_accepts=2, recall=0.995)
    too_cheap = replace(GOOD, entry=0, false_accepts=1, recall=0.994)
    assert choose([GOOD, fewer, too_cheap], recall=0.995) == fewer


def test_recall_that_is_out_of_reach_is_worth_ten_false_accepts_for_each_request_in_a_hundred() -> None:
    some = replace(GOOD, recall=0.96, false_accepts=38)
    less = replace(GOOD, recall=0.95, false_accepts=27)
    least = replace(GOOD, recall=0.88, false_accepts=7)
    assert choose([some, less, least], recall=0.995) == less
    assert choose([some, replace(less, false_accepts=29)], recall=0.995) == some


def test_digits_may_not_be_lost() -> None:
    loses = replace(GOOD, false_accepts=0, digits=0.947)
    nearly = replace(GOOD, false_accepts=1, digits=0.949)
    assert choose([GOOD, loses, nearly], recall=0.995) == nearly


def test_of_equals_the_one_that_hears_more_is_chosen() -> None:
    hears = replace(GOOD, entry=3, recall=1.0)
    assert choose([GOOD, hears], recall=0.995) == hears
    assert choose([hears, GOOD], recall=0.995) == hears


def test_other_costs_are_another_graph_and_the_same_costs_the_same_one(tmp_path: Path) -> None:
    registry = open_registry()
    ours = registry.find(registry.entry("vosk-model-nl-mini"))
    assert ours
    model = tmp_path / "model"
    shutil.copytree(ours, model)

    def graph(entry: float, each: float) -> tuple[bytes, bytes]:
        set_costs(model, entry, each)
        return (model / "graph" / "HCLr.fst").read_bytes(), (model / "graph" / "Gr.fst").read_bytes()

    sounds, language = graph(2.0, 0.5)
    dearer = graph(3.0, 0.25)
    loop = read_phone_loop(model / "am" / "unk_phone_lm.txt")
    assert (loop.entry, loop.each) == (3.0, 0.25)
    assert dearer[0] != sounds
    assert dearer[1] == language
    assert graph(2.0, 0.5) == (sounds, language)
