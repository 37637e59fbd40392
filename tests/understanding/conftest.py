from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest
from ruamel.yaml import YAML

from voicebot.understanding import IntentSpec, SlotSpec, Understanding


@pytest.fixture(scope="session")
def webshop_yaml() -> Mapping[str, Any]:
    text = files("voicebot").joinpath("bots/webshop/intents.yaml").read_text("utf-8")
    return YAML(typ="safe", pure=True).load(text)


@pytest.fixture(scope="session")
def understanding(webshop_yaml: Mapping[str, Any]) -> Understanding:
    intents = {name: IntentSpec(tuple(spec["templates"])) for name, spec in webshop_yaml["intents"].items()}
    slots = {name: SlotSpec(spec["type"], spec.get("length")) for name, spec in webshop_yaml["slots"].items()}
    return Understanding(intents, slots)
