"""What speech models are made of: sounds, pronunciations, language models, graphs. Never needed in a call."""

from voicebot.modelling.adapt import Adapted, adapt_model
from voicebot.modelling.espeak import Espeak, Spoken
from voicebot.modelling.graph import GraphSize, read_language_model, write_graph
from voicebot.modelling.language_model import SENTENCE_END, UNKNOWN, LanguageModel
from voicebot.modelling.lexicon import (
    Guess,
    Lexicon,
    Pronounced,
    common_dutch,
    pronounce_words,
    read_lexicon,
    write_lexicon,
)
from voicebot.modelling.mixing import mix
from voicebot.modelling.phone_loop import PhoneLoop, read_phone_loop, write_phone_loop
from voicebot.modelling.phones import PHONES, SILENCE, Pronunciation, from_espeak
from voicebot.modelling.topology import (
    CLASS_OF,
    CLASSES,
    KALDI_PHONES,
    PDFS,
    TRANSITION_IDS,
    TRANSITION_STATES,
    first_pdf,
    kaldi_phone,
    transition_ids,
)
from voicebot.modelling.variants import Variants
from voicebot.modelling.vocabulary import look_up_words
from voicebot.modelling.witten_bell import train_language_model

__all__ = [
    "CLASSES",
    "CLASS_OF",
    "KALDI_PHONES",
    "PDFS",
    "PHONES",
    "SENTENCE_END",
    "SILENCE",
    "TRANSITION_IDS",
    "TRANSITION_STATES",
    "UNKNOWN",
    "Adapted",
    "Espeak",
    "GraphSize",
    "Guess",
    "LanguageModel",
    "Lexicon",
    "PhoneLoop",
    "Pronounced",
    "Pronunciation",
    "Spoken",
    "Variants",
    "adapt_model",
    "common_dutch",
    "first_pdf",
    "from_espeak",
    "kaldi_phone",
    "look_up_words",
    "mix",
    "pronounce_words",
    "read_language_model",
    "read_lexicon",
    "read_phone_loop",
    "train_language_model",
    "transition_ids",
    "write_graph",
    "write_lexicon",
    "write_phone_loop",
]
