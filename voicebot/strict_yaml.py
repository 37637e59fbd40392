"""YAML that people write, held against a schema: every mistake is one sentence with file and line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from voicebot.errors import PlaceError

MAX_DEPTH = 50
"""Nested lists and mappings; ours have about ten, and the parser's time grows with the square."""


class StrictYaml:
    """The keys of one file, and where each of them stands."""

    def __init__(self, file: Path, source: bytes, error: type[PlaceError]) -> None:
        """Parse `source`; mistakes are raised as `error`, here and in the methods."""
        self.file = file
        self._error = error
        self.keys = self._parse(source)

    def mistake(self, message: str, path: Sequence[str | int] = ()) -> PlaceError:
        """Return an error at the deepest place on `path` that the file has."""
        return self._error(message, self.file, self._line(path))

    def explain(self, problem: ValidationError, model: type[BaseModel]) -> PlaceError:
        """Turn pydantic's complaints about these keys into one sentence at its place."""
        error = clearest(problem.errors())
        path = error["loc"]
        return self.mistake(sentence(error, model), path)

    def _parse(self, source: bytes) -> CommentedMap:
        yaml = YAML(typ="rt")
        yaml.max_depth = MAX_DEPTH
        try:
            data = yaml.load(source)
        except MarkedYAMLError as problem:
            mark = problem.problem_mark
            line = mark.line + 1 if mark else None
            raise self._error(f"not valid YAML: {problem.problem}", self.file, line) from None
        except RecursionError:  # versions of ruamel.yaml that know no max_depth
            raise self._error("not valid YAML: nested too deeply", self.file) from None
        except (UnicodeDecodeError, YAMLError, ValueError) as problem:
            raise self._error(f"not valid YAML: {str(problem).splitlines()[0]}", self.file) from None
        if not isinstance(data, CommentedMap):
            raise self._error("expected keys and values at the top level", self.file, 1)
        return data

    def _line(self, path: Sequence[str | int]) -> int | None:
        node: Any = self.keys
        line: int | None = None
        for step in path:
            try:
                if isinstance(node, CommentedMap) and step in node:
                    line = node.lc.key(step)[0] + 1
                    node = node[step]
                elif isinstance(node, CommentedSeq) and isinstance(step, int):
                    line = node.lc.item(step)[0] + 1
                    node = node[step]
            except (KeyError, IndexError, TypeError):
                break
        return line


def clearest(errors: Sequence[ErrorDetails]) -> ErrorDetails:
    """Pick one complaint; a misspelt key says more than the missing key it leaves."""
    return next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])


def sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Return what is wrong, and for an unknown key which one may have been meant."""
    path = error["loc"]
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return f"unknown key {str(path[-1])!r}{_suggestion(str(path[-1]), _allowed(path, model))}"
    if error["type"] == "missing":
        inside = f" in {'.'.join(map(str, path[:-1]))}" if len(path) > 1 else ""
        return f"key {str(path[-1])!r} is missing{inside}"
    return f"{'.'.join(map(str, path))}: {message}" if path else message


def _allowed(path: Sequence[str | int], model: Any) -> Iterable[str]:
    """Return the keys that the part at `path` does know."""
    for step in path[:-1]:
        field = getattr(model, "model_fields", {}).get(step)
        annotation = field.annotation if field else model
        model = next(iter(_models_in(annotation)), model)
    fields: Mapping[str, Any] = getattr(model, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _models_in(annotation: Any) -> Iterable[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _suggestion(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
