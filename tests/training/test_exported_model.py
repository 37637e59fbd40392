"""What libvosk makes of an exported network is what the network itself says."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import vosk
from training.features import telephone
from training.model_folder import phone_loop, write_network
from training.network import Network
from training.settings import NetworkSettings

from voicebot.audio import Samples
from voicebot.modelling import (
    CLASS_OF,
    CLASSES,
    PDFS,
    PHONES,
    Lexicon,
    first_pdf,
    train_language_model,
    write_graph,
)

pytestmark = pytest.mark.audio

SHAPE = NetworkSettings(width=48, bottleneck=12, output_bottleneck=16, offsets=(1, 0, 3, 3), dropout=0)
WORDS: Lexicon = {"zes": (("z", "E", "s"),), "tien": (("t", "i", "n"),), "boek": (("b", "u", "k"),)}
"""Words of as many phones, so that nothing but the sound tells them apart."""


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(5)
    made = Network(SHAPE)
    with torch.no_grad():
        made.start(
            np.random.default_rng(1).normal(10, 20, (500, 30)).astype(np.float32), np.full(PDFS, 1 / PDFS)
        )
        made.chain.weight.normal_(0, 0.02)
        made.first.bias.normal_()
        made(torch.randn(4, 200, 30) * 20 + 10)  # in training: the units find their mean and variance
    return made.eval()


@pytest.fixture(scope="module")
def model(network: Network, tmp_path_factory: pytest.TempPathFactory) -> vosk.Model:
    folder: Path = tmp_path_factory.mktemp("model")
    uniform = phone_loop(
        np.full(PDFS, 1 / PDFS), np.full((CLASSES, len(PHONES), len(PHONES)), 1 / len(PHONES))
    )
    write_network(folder, network, uniform, 1.0)
    write_graph(folder / "graph", WORDS, train_language_model(list(WORDS)), uniform)
    conf = folder / "conf" / "model.conf"
    conf.write_text(conf.read_text().replace("beam=12.0", "beam=30.0").replace("beam=5.0", "beam=20.0"))
    vosk.SetLogLevel(-1)
    return vosk.Model(str(folder))


def best_paths(network: Network, sound: Samples) -> dict[str, float]:
    """Return the log-likelihood of the best path of each word, with or without silence around it."""
    features = telephone.features(sound)
    edges = ((network.context, network.context), (0, 0))
    with torch.no_grad():
        outputs = network(torch.from_numpy(np.pad(features, edges, mode="edge"))[None])[0][0].double().numpy()
    found = {}
    for word, (pronunciation,) in WORDS.items():
        phones = [PHONES.index(phone) for phone in pronunciation]
        ways = ([*before, *phones, *after] for before in ((), (0,)) for after in ((), (0,)))
        found[word] = max(best_path(outputs, way) for way in ways)
    return found


def best_path(outputs: np.ndarray, phones: list[int]) -> float:
    states = [first_pdf(CLASS_OF[left], phone) for left, phone in zip([0, *phones], phones, strict=False)]
    best = np.full(len(states), -np.inf)
    best[0] = outputs[0, states[0]]
    for step in range(1, len(outputs)):
        stay = best + outputs[step, np.array(states) + 1]
        move = np.concatenate([[-np.inf], best[:-1]]) + outputs[step, states]
        best = np.maximum(stay, move)
    return float(best[-1])


@pytest.mark.parametrize("seed", range(3))
def test_vosk_scores_words_as_the_network_does(network: Network, model: vosk.Model, seed: int) -> None:
    random = np.random.default_rng(seed)
    sound = np.rint(random.standard_normal(6000 + 400 * seed) * 3000 * np.hanning(6000 + 400 * seed)).astype(
        np.int16
    )
    decoder = vosk.KaldiRecognizer(model, 8000.0, json.dumps([*WORDS]))
    decoder.SetMaxAlternatives(10)
    decoder.AcceptWaveform(sound.tobytes())
    heard = {one["text"]: one["confidence"] for one in json.loads(decoder.FinalResult())["alternatives"]}
    ours = best_paths(network, sound)
    assert heard.keys() >= set(WORDS)
    differences = {word: heard[word] - heard["zes"] for word in WORDS}
    assert differences == pytest.approx({word: ours[word] - ours["zes"] for word in WORDS}, abs=0.05)
    assert max(map(abs, differences.values())) > 0.3
