"""The steps that a flow is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Part(BaseModel):
    """A frozen part of a bot; a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SaySpec(Part):
    """Say a sentence; ``{name}`` is a slot or a fact."""

    say: str


class AskSpec(Part):
    """Ask for a slot, unless the caller gave it already."""

    ask: Name


class ConfirmSpec(Part):
    """Read a slot's value back and ask whether it is right; skipped when there is none, or it was confirmed.

    A no forgets the value and asks for it: where the flow does so next, else here. Another value takes its
    place and is read back in turn.
    """

    confirm: Name
    when: Literal["always", "unsure"] = "always"
    """``unsure``: only where it may have been heard wrong; for what does little harm when it is."""
    say: str
    """The value in a question, such as ``Ik heb {order_number}. Klopt dat?``."""
    hint: str = "Zeg ja of nee. Of druk op de 1 voor ja, en op de 2 voor nee."
    """Added when the answer was not understood."""
    limit: int = Field(default=2, ge=1, le=5)
    """Wrong values before a human comes."""


class CallSpec(Part):
    """Do an action in the company's systems, and go on by its outcome."""

    call: Name
    on: Mapping[Name, tuple[Step, ...]]


class RetrySpec(Part):
    """Forget slots and begin this flow again; after `limit` times bring a human instead."""

    retry: tuple[Name, ...]
    say: str = ""
    """Said before it begins again; not when a human comes."""
    limit: int = Field(default=1, ge=1, le=5)
    reason: Name = "not_identified"


class HandoffSpec(Part):
    """Bring a human; the value is the reason the agent sees."""

    handoff: Name


class FinishSpec(Part):
    """Say the last words and end the call; the value is what it came to."""

    finish: Literal["contained", "callback"]
    say: str


_STEP_KINDS = {
    "retry": RetrySpec,
    "confirm": ConfirmSpec,
    "finish": FinishSpec,
    "call": CallSpec,
    "ask": AskSpec,
    "say": SaySpec,
    "handoff": HandoffSpec,
}
"""By the key that tells them; the first three may have a ``say`` too."""


def _step_kind(data: Any) -> str | None:
    keys = data if isinstance(data, Mapping) else getattr(data, "__dict__", ())
    return next((kind for kind in _STEP_KINDS if kind in keys), None)


Step = Annotated[
    Annotated[SaySpec, Tag("say")]
    | Annotated[AskSpec, Tag("ask")]
    | Annotated[ConfirmSpec, Tag("confirm")]
    | Annotated[CallSpec, Tag("call")]
    | Annotated[RetrySpec, Tag("retry")]
    | Annotated[HandoffSpec, Tag("handoff")]
    | Annotated[FinishSpec, Tag("finish")],
    Discriminator(
        _step_kind,
        custom_error_type="step",
        custom_error_message=f"a step needs one of these keys: {', '.join(_STEP_KINDS)}",
    ),
]


CallSpec.model_rebuild()


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Yield every step of a flow, those of its branches too."""
    for step in steps:
        yield step
        if isinstance(step, CallSpec):
            for branch in step.on.values():
                yield from walk(branch)
