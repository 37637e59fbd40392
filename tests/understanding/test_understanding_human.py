"""A human is never refused; who only talks about a human is not sent to one."""

from __future__ import annotations

import pytest

from voicebot.expectation import Expectation
from voicebot.understanding import Meaning, SlotSpec, Understanding

pytestmark = pytest.mark.unit

REQUESTS = (
    "medewerker",
    "een medewerker alstublieft",
    "ik wil een medewerker spreken",
    "mag ik een medewerker",
    "kan ik een medewerker aan de lijn krijgen",
    "ik wil een mens spreken",
    "een mens graag",
    "een echt mens",
    "geef me een mens",
    "collega",
    "een collega van u graag",
    "verbind me maar door",
    "doorverbinden",
    "kunt u mij doorverbinden",
    "kunt u me doorverbinden met een collega",
    "ik wil doorverbonden worden",
    "iemand spreken",
    "ik wil gewoon iemand spreken",
    "kan ik met iemand praten",
    "is er iemand aanwezig",
    "klantenservice",
    "mag ik de klantenservice",
    "receptie",
    "de telefoniste graag",
    "telefonist",
    "operator",
    "ik wil een manager spreken",
    "geef mij uw leidinggevende",
    "ik wil uw baas spreken",
    "ik wil geen computer",
    "ik praat niet met een computer",
    "ik wil niet met een robot praten",
    "geen robot alsjeblieft",
    "waarom kan ik geen medewerker spreken",
    "krijg ik nou nog iemand aan de lijn",
    "is er geen medewerker die mij kan helpen",
    "kunt u mij niet gewoon doorverbinden",
    "ik heb een medewerker nodig",
    "doe maar een medewerker",
    "ik heb liever een medewerker",
    "nee ik wil een medewerker",
    "ik had graag een medewerker gesproken",
    "ik had graag iemand gesproken",
    "zet me door naar een collega",
    "zou u mij kunnen doorverbinden",
    "ik zei een medewerker",
    "ik vraag om een medewerker",
    "kan een medewerker mij terugbellen",
    "kunt u mij terugbellen",
    "ik wil menselijk contact",
    "een persoon van vlees en bloed",
    "de medewerker zei dat het zou lukken maar nu wil ik weer een medewerker spreken",
    "mijn pakket is er niet en ik wil nu een mens aan de telefoon",
    "kan iemand mij helpen",
    "helpdesk",
    "ik wil met iemand van de klantendienst spreken",
    "mijn bestelnummer is een twee drie vier vijf maar verbind me door",
    "ik begrijp het niet medewerker",
    "nee nee medewerker",
    "mag ik even een echt persoon",
    "ik heb hier een mens voor nodig",
    "hallo een medewerker aub",
    "kunt u mij verbinden met de balie",
    "ik wil even met een collega overleggen",
    "ik zou het liefst met een mens praten",
    "zeg mag ik iemand anders spreken",
    "haal er maar een medewerker bij",
    "kan ik ook een echt iemand aan de telefoon krijgen",
    "doorverbinden naar de klantenservice",
    "geef mij maar een persoon",
    "ik kom er met u niet uit ik wil een medewerker",
    "nee dat klopt niet medewerker alstublieft",
    "ik moet een medewerker hebben",
    "is er een collega vrij",
    "laat me doorverbinden",
    "ik wens een bediende te spreken",
    "mag ik u vragen mij door te verbinden",
    "bel mij alstublieft terug",
    "is er geen mens die kan helpen",
    "ik wil van deze computer af",
    "ik wil het er met een collega over hebben",
    "zou er iemand van jullie mij kunnen bellen",
    "laat een medewerker mij bellen",
    "ik wil uw manager aan de lijn",
    "mag ik alstublieft een mens",
    "verbind mij met de klantenservice",
    "kan dit ook met een gewoon mens",
    "schakel mij maar door",
    "gewoon een medewerker dus",
    "ik wil het met een medewerker bespreken",
    "stop maar ik wil een mens",
    "ik heb geen zin in een computer geef me iemand",
    "nee ik wil doorverbonden worden met een collega",
    "wanneer krijg ik een medewerker te spreken",
    "hallo ik wil graag iemand aan de telefoon",
)

NO_REQUESTS = (
    "geen medewerker",
    "nee geen medewerker",
    "ik wil geen medewerker",
    "niet doorverbinden",
    "nee niet doorverbinden alstublieft",
    "verbind me niet door",
    "ik hoef geen medewerker te spreken",
    "ik wil niet doorverbonden worden",
    "u hoeft mij niet door te verbinden",
    "een medewerker is niet nodig",
    "doorverbinden hoeft niet",
    "ik wil niet met een medewerker praten",
    "liever geen mens",
    "de medewerker zei dat mijn pakket onderweg is",
    "een medewerker heeft gezegd dat ik vijf dagen moest wachten",
    "uw collega heeft mij niet geholpen",
    "uw collega vertelde me gisteren dat het goed kwam",
    "volgens een medewerker was mijn pakket verstuurd",
    "ik heb gisteren een medewerker gesproken",
    "ik heb al met een medewerker gebeld",
    "ik heb met uw collega gesproken over mijn bestelling",
    "ik ben al drie keer doorverbonden",
    "de medewerker in de winkel was onvriendelijk",
    "ik heb een klacht over een medewerker",
    "gisteren zei een medewerker dat het pakket kwijt was",
    "toen heeft uw collega opgehangen",
    "mijn collega heeft het pakket aangenomen",
    "kan mijn collega het pakket ophalen",
    "ik werd geholpen door een medewerker",
    "hoe laat is de klantenservice open",
    "wat zijn de openingstijden van de klantenservice",
    "ik heb de klantenservice gebeld",
    "het pakket ligt bij de receptie",
    "iemand heeft mijn pakket gestolen",
    "kan iemand anders mijn pakket ophalen",
    "er is niemand thuis",
    "de mensen zijn daar heel aardig",
    "ik wil een cadeau voor een persoon van zes jaar",
    "jullie medewerkers zijn onbeleefd",
    "de telefoniste had mij beloofd te zoeken",
    "de medewerker zou mij terugbellen",
    "uw collega beloofde mij door te verbinden",
    "ik bel later terug",
    "nee laat die medewerker maar zitten",
    "ik wil geen collega spreken alleen mijn pakket",
    "er heeft een medewerker gebeld maar ik was er niet",
    "de manager van de winkel heeft het beloofd",
    "ik heb drie medewerkers gesproken en niemand weet iets",
    "zonder tussenkomst van een medewerker",
    "de receptie van ons gebouw heeft niks ontvangen",
    "hoeveel mensen werken er bij jullie",
    "het is voor een persoon van twee meter",
    "niemand heeft mij teruggebeld",
    "jullie collega had gezegd dat het goed kwam",
    "nee hoor ik heb geen collega nodig",
    "ik heb vanmorgen al met een dame van de klantenservice gebeld",
    "doorverbinden is niet nodig dank u",
    "een medewerker van de winkel heeft mij de verkeerde maat gegeven",
    "mijn chef heeft de fiets betaald",
    "ik ben door twee mensen geholpen",
    "het pakket is door een collega aangenomen",
    "die medewerker wist er niets van",
    "ik wil niet nog een keer doorverbonden worden",
)


@pytest.mark.parametrize("sentence", REQUESTS)
def test_a_request_for_a_human_is_granted(understanding: Understanding, sentence: str) -> None:
    assert understanding.understand(sentence, Expectation()).intent == "human"


@pytest.mark.parametrize("sentence", NO_REQUESTS)
def test_a_mention_or_refusal_of_a_human_is_no_request(understanding: Understanding, sentence: str) -> None:
    assert understanding.understand(sentence, Expectation()).intent != "human"


def test_a_human_goes_before_the_slot_that_is_asked_for_and_keeps_what_was_said(
    understanding: Understanding,
) -> None:
    asked = Expectation("order_number", "digits", 5)
    meaning = understanding.understand("een twee drie vier vijf maar ik wil een medewerker", asked)
    assert meaning == Meaning("human", 1.0, {"order_number": "12345"})


def test_every_bot_knows_a_human_even_one_without_wishes() -> None:
    bare = Understanding({}, {"order_number": SlotSpec("digits", 5)})
    assert bare.understand("medewerker", Expectation()).intent == "human"
    assert bare.understand("waar is mijn bestelling", Expectation()).intent is None
