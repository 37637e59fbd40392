"""How a call went, in Dutch: a paragraph to read, a sentence to hear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from voicebot.handoff.course import NOT_FOUND, Answer, Course, Lookup
from voicebot.values import Personal, Value

LONGEST_BRIEFING = 90
"""Characters; at 165 words a minute they last less than 6 s (tests/handoff/test_context_spoken.py)."""
LONGEST_QUOTE = 250
"""Characters of what the bot told."""
MOST_TRIED = 20
"""Sentences about what was tried; older ones are dropped."""
TENSE, DISCONTENT = 0.25, 0.5
"""From which level of frustration on a caller is not calm any more, and discontent."""

_LABELS = {
    "order_number": "bestelnummer",
    "customer_number": "klantnummer",
    "number": "nummer",
    "name": "naam",
    "address": "adres",
    "email": "e-mailadres",
    "phone_number": "telefoonnummer",
    "caller_number": "telefoonnummer",
}
_COUNTS = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien")
_POSTCODE = re.compile(r"(\d{4}) ?([A-Z]{2})", re.IGNORECASE)
_SUBJECTS = {
    "juridisch": "een juridische kwestie",
    "gevaar": "een ongeluk of gevaar",
    "fraude": "fraude of oplichting",
}
_ANY_SUBJECT = "een gevoelig onderwerp"
_WHY = {
    "not_identified": "Zonder kloppende gegevens kan de bot niet verder.",
    "backend_failed": "Door een storing in het systeem kon de bot niet verder.",
    "out_of_scope": "Hier kan de bot zelf niet mee helpen.",
    "fault": "Er ging iets mis in de bot, en daarom is er doorverbonden.",
    "frustrated": "Om die reden heeft de bot doorverbonden.",
    "vip": "Dit telefoonnummer krijgt altijd meteen een medewerker.",
    "hard_to_hear": "De bot verstond de beller slecht, en daarom is er doorverbonden.",
    "declined": "Verdergaan met de bot wilde de beller niet.",
    "time_limit": "Het gesprek met de bot duurde te lang, en daarom is er doorverbonden.",
    "taken_over": "Een collega heeft het gesprek overgenomen.",
    "busy": "De bot had te veel gesprekken tegelijk, in totaal of van dit nummer.",
}
_HAPPENED = ("werd ", "kreeg ", "viel ", "is ")
"""How evidence begins that tells what happened to the caller, rather than how they took it."""
_BRIEF = {
    "asked_for_human": "de beller vroeg om een medewerker",
    "not_understood": "de bot begreep de beller niet",
    "no_input": "de bot hoorde niets meer",
    "not_identified": "de gegevens zijn niet gevonden",
    "backend_failed": "het systeem deed het niet",
    "out_of_scope": "dat kan de bot niet zelf",
    "fault": "er ging iets mis in de bot",
    "frustrated": "de beller is ontevreden",
    "vip": "deze beller krijgt voorrang",
    "hard_to_hear": "de beller is slecht te verstaan",
    "declined": "de beller wil niet met de bot verder",
    "time_limit": "het gesprek duurde te lang",
    "taken_over": "een collega neemt het gesprek over",
    "busy": "de bot had het te druk",
}
_CALLER = "de beller "
_DISCONTENT = f"{_CALLER}is ontevreden"


def label(name: str) -> str:
    """Return what people call a slot or a kind of value: ``bestelnummer`` for ``order_number``."""
    return _LABELS.get(name, name.replace("_", " "))


# --------------------------------------------------------------------------- the paragraph


def paragraph(course: Course) -> str:
    """Return the call in a few sentences for the agent, with real values."""
    last = [_reason(course), _mood(course)]
    if course.transfer.reason == "frustrated":
        last.reverse()
    sentences = [_about(course), _given(course), _told(course), _trouble(course), *last]
    return " ".join(filter(None, sentences))


def _about(course: Course) -> str:
    if course.asks_callback:
        return "De beller wil worden teruggebeld."
    if not course.topic:
        unclear = "Waarover de beller belt, is nog niet duidelijk."
        return unclear if course.spoke else "De beller heeft nog niets gezegd."
    earlier = [intent for intent in course.intents if intent != course.transfer.intent]
    answered = {answer.intent for answer in course.answers}
    done = [course.topics[intent] for intent in earlier if intent in answered]
    dropped = [course.topics[intent] for intent in earlier if intent not in answered]
    questions = "een vraag" if len(done) == 1 else "vragen"
    also = f", na {questions} over {_listed(done)} die de bot beantwoordde" if done else ""
    also += f"; eerder ging het ook over {_listed(dropped)}" if dropped else ""
    return f"De beller belt over {course.topic}{also}."


def _given(course: Course) -> str:
    """Return what the caller gave, and what became of it."""
    known = course.started.caller if course.started else None  # which the caller did not give
    slots = {name: value for name, value in course.transfer.slots.items() if value != known}
    if not course.lookups:
        return (
            f"{_capital(_values(slots))} {_are(slots)} opgegeven, maar nog niet gecontroleerd."
            if slots
            else ""
        )
    last = course.lookups[-1].given
    later = {name: value for name, value in slots.items() if last.get(name) != value}
    also = f"; daarna {_are(later)} {_values(later)} opgegeven, maar nog niet gecontroleerd" if later else ""
    return f"{_looked_up(course.lookups)}{also}."


def _looked_up(lookups: Sequence[Lookup]) -> str:
    last = lookups[-1]
    before = [lookup for lookup in lookups[:-1] if lookup.outcome == NOT_FOUND]
    given = _values(last.given)
    if last.failed:
        return f"Het opzoeken met {given} lukte niet door een storing in het systeem"
    if last.found:
        again = ", na een eerdere poging die niets opleverde" if before else ""
        return f"{_capital(given)} {_are(last.given)} opgegeven en teruggevonden in het systeem{again}"
    others = dict.fromkeys(_values(lookup.given) for lookup in before if lookup.given != last.given)
    if others:
        return f"Met {given} vond de bot niets, net als eerder met {', en met '.join(others)}"
    return f"Met {given} vond de bot {f'{_times(len(before) + 1)} ' if before else ''}niets"


def _told(course: Course) -> str:
    """Return what the bot told about the wish last; else about the caller's own case before."""
    wish = [answer for answer in course.answers if answer.intent == course.transfer.intent]
    own = [answer for answer in course.answers if answer.text != answer.redacted]
    if not (wish or own):
        return ""
    answer = (wish or own)[-1]
    if answer.interrupted:
        return f"De bot werd onderbroken bij het antwoord: “{_quote(answer)}”"
    return f"{'De bot vertelde' if wish else 'Eerder vertelde de bot'}: “{_quote(answer)}”"


def _quote(answer: Answer) -> str:
    text = " ".join(answer.text.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rsplit(' ', 1)[0]} …"


def _trouble(course: Course) -> str:
    """Return what went wrong in between, but for what is the reason of the hand-over."""
    parts = [
        ("begreep de bot de beller {} niet", course.no_matches, "not_understood"),
        ("begreep de bot de beller {} verkeerd", course.mixed_up, ""),
        ("hoorde de bot {} niets", course.no_inputs, "no_input"),
    ]
    told = [
        clause.format(_times(count))
        for clause, count, reason in parts
        if count and reason != course.transfer.reason
    ]
    return f"Onderweg {_listed(told)}." if told else ""


def _reason(course: Course) -> str:
    match course.transfer.reason:
        case "asked_for_human" if not course.spoke:
            return "Wel is met een toets om een medewerker gevraagd."
        case "asked_for_human":
            return f"{'Daarna' if course.topic else 'Wel'} vroeg de beller om een medewerker."
        case "risk" if course.topic:
            return f"Daarbij noemde de beller {_subject(course)}, en dat is werk voor een medewerker."
        case "risk":
            return f"Wel noemde de beller {_subject(course)}, en dat is werk voor een medewerker."
        case "not_understood":
            tries = _times(course.no_matches + 1)
            return f"De bot begreep de beller {tries} niet, en daarom is er doorverbonden."
        case "no_input":
            return f"De bot hoorde {_times(course.no_inputs + 1)} niets, en daarom is er doorverbonden."
        case "backend_failed" if course.lookups and course.lookups[-1].failed:
            return "Daardoor kon de bot niet verder."
        case reason:
            return _WHY.get(reason, "De bot heeft doorverbonden.")


def _mood(course: Course) -> str:
    levels = [level for _, level in course.moods] or [0.0]
    shown = [sign for sign in course.evidence if not sign.startswith(_HAPPENED)]
    because = f": die {_listed(shown or course.evidence)}" if course.evidence else ""
    if not course.spoke or (course.transfer.reason == "risk" and max(levels) < TENSE):
        return ""
    if levels[-1] >= DISCONTENT:
        since = next(at for at, level in course.moods if level >= DISCONTENT)
        return f"Na {_duration(since)} werd de beller ontevreden{because}."
    if course.transfer.reason == "frustrated" and (not shown or levels[-1] < TENSE):
        return f"Het geduld van de beller raakte op{because}."
    if not shown or max(levels) < TENSE:
        return "Het gesprek verliep rustig." if max(levels) < TENSE else "De beller bleef daarbij rustig."
    if levels[-1] >= TENSE:
        return f"Gaandeweg werd de beller onrustiger{because}."
    return f"De beller was even geïrriteerd ({_listed(shown)}), maar werd weer rustig."


def _subject(course: Course) -> str:
    return _SUBJECTS.get(course.risk, _ANY_SUBJECT)


# --------------------------------------------------------------------------- what was tried


def tried(course: Course) -> tuple[str, ...]:
    """Return what the bot looked up and told, oldest first, with real values."""
    sentences: list[str] = []
    for step in course.steps:
        match step:
            case Answer():
                sentences.append(f"De bot vertelde: “{_quote(step)}”")
            case Lookup() if step.found:
                sentences.append(f"Opgezocht en gevonden: {_values(step.given)}.")
            case Lookup() if step.outcome:
                sentences.append(f"Opgezocht en niet gevonden: {_values(step.given)}.")
            case Lookup() if step.failed:
                sentences.append(f"Opzoeken lukte niet: {_values(step.given)}.")
    return tuple(sentences[-MOST_TRIED:])


# --------------------------------------------------------------------------- the briefing


def briefing(course: Course) -> str:
    """Return one sentence to be whispered to the agent, in 6 s, without personal values."""
    clauses = _clauses(course)
    if course.topic:
        told = [f"Over {course.topic}, {clause}." for clause in clauses] + [f"Over {course.topic}."]
    elif course.transfer.reason == "risk":
        told = [f"Over {_subject(course)}."]
    elif course.transfer.reason == "no_input" and not course.spoke:
        told = []
    else:
        told = [f"{_capital(clause)}, het onderwerp is nog onbekend." for clause in clauses]
    told += [f"{_capital(clause)}." for clause in clauses if course.topic]
    nothing = "Het onderwerp is nog onbekend." if course.spoke else "De beller heeft nog niets gezegd."
    return _fitting([*told, nothing])


def callback_briefing(course: Course) -> str:
    """Return the same for a caller who is called back."""
    about, clauses = "Terugbelverzoek", _clauses(course)
    if course.topic and not course.asks_callback:
        about = f"Terugbelverzoek over {course.topic}"
    elif course.transfer.reason == "risk":
        about, clauses = f"Terugbelverzoek over {_subject(course)}", []
    told = [f"{about}, {clause}." for clause in clauses]
    return _fitting([*told, f"{about}.", "Terugbelverzoek."])


def _clauses(course: Course) -> list[str]:
    """Return why a human comes and how the caller is: together, and in case that is too long, apart."""
    why = _BRIEF.get(course.transfer.reason, "")
    if course.transfer.reason == "risk":
        why = f"het gaat ook om {_subject(course)}"
    if not (course.moods and course.moods[-1][1] >= DISCONTENT) or why == _DISCONTENT:
        return [why] if why else []
    if not why:
        return [_DISCONTENT]
    mood = _DISCONTENT.removeprefix(_CALLER) if why.startswith(_CALLER) else _DISCONTENT
    return [f"{why} en {mood}", _DISCONTENT, why]


def _fitting(sentences: Iterable[str]) -> str:
    return next(sentence for sentence in sentences if len(sentence) <= LONGEST_BRIEFING)


# --------------------------------------------------------------------------- words


def _values(slots: Mapping[str, Value]) -> str:
    """Return values with their labels: "bestelnummer 12345 en postcode 5611 BJ"."""
    return _listed(f"{label(name)} {_readable(value)}" for name, value in slots.items())


def _readable(value: Value) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nee"
    text = value.value if isinstance(value, Personal) else str(value)
    postcode = _POSTCODE.fullmatch(text)
    return f"{postcode[1]} {postcode[2].upper()}" if postcode else text


def _listed(parts: Iterable[str]) -> str:
    """Return "a", "a en b", "a, b en c"."""
    *first, last = list(parts) or [""]
    return f"{', '.join(first)} en {last}" if first else last


def _are(slots: Mapping[str, Value]) -> str:
    return "is" if len(slots) == 1 else "zijn"


def _times(count: int) -> str:
    return f"{_COUNTS[count] if count < len(_COUNTS) else count} keer"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 45:
        return "een halve minuut"
    if minutes <= 1:
        return "een minuut"
    return f"{_COUNTS[minutes] if minutes < len(_COUNTS) else minutes} minuten"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
