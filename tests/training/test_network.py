"""The network sees what it should, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
import torch
from training.averaging import average, recalibrate
from training.batches import Batch
from training.masking import Mask
from training.network import Network
from training.settings import MaskSettings, NetworkSettings

from voicebot.modelling import PDFS

pytestmark = pytest.mark.unit

SMALL = NetworkSettings(width=24, bottleneck=8, output_bottleneck=12, offsets=(1, 0, 3, 3), dropout=0.2)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(1)
    made = Network(SMALL)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.1)
    return made.eval()


def features(outputs: int, network: Network) -> torch.Tensor:
    frames = 3 * outputs - 2 + 2 * network.context
    return torch.randn(2, frames, 30, generator=torch.Generator().manual_seed(4))


def test_an_output_sees_its_context_and_no_more(network: Network) -> None:
    heard = features(5, network)
    chain, side = network(heard)
    assert chain.shape == side.shape == (2, 5, PDFS)
    changed = heard.clone()
    changed[:, 3 + 2 * network.context + 1 :] += 1  # the first frame that output 1 does not see
    other = network(changed)[0]
    assert torch.equal(other[:, :2], chain[:, :2])
    assert not torch.allclose(other[:, 2], chain[:, 2])


def test_outputs_move_with_the_sound(network: Network) -> None:
    heard = features(5, network)
    later = network(heard[:, 3:])[0]
    assert torch.allclose(later, network(heard)[0][:, 1:], atol=1e-5)


def test_dropout_is_for_training_only(network: Network) -> None:
    heard = features(3, network)
    assert torch.equal(network(heard)[0], network(heard)[0])
    network.train()
    assert not torch.equal(network(heard)[0], network(heard)[0])


def test_narrow_matrices_become_semi_orthogonal(network: Network) -> None:
    def distance() -> float:
        (layer, *_) = network.factorised()
        product = (layer.linear @ layer.linear.T).detach()
        return float((product / product.diagonal().mean() - torch.eye(len(product))).norm())

    before = distance()
    for _ in range(30):
        network.keep_semi_orthogonal()
    assert distance() < 1e-3 < before


def test_the_average_of_checkpoints_is_their_mean_and_knows_its_own_units(
    network: Network, tmp_path: Path
) -> None:
    files = []
    for number in range(2):
        with torch.no_grad():
            network.first.bias.fill_(number)
        files.append(tmp_path / f"{number}.pt")
        torch.save(network.state_dict(), files[-1])
    average(network, files)
    assert network.first.bias.tolist() == [0.5] * 24
    nothing = torch.zeros(0)
    heard = features(40, network)
    recalibrate(network, [Batch(heard, nothing, nothing, nothing, nothing)])
    with torch.no_grad():
        normal = network.first(torch.cat([heard[:, :-2], heard[:, 1:-1], heard[:, 2:]], 2)).flatten(0, 1)
    assert normal.mean(0).numpy() == pytest.approx(np.zeros(24), abs=1e-3)
    assert not network.training


def test_a_mask_hides_whole_bands_and_stretches_and_leaves_the_rest() -> None:
    heard = features(20, Network(SMALL))
    mean = torch.full((30,), 3.0)
    nothing = MaskSettings(times=0, longest_frames=1, bands=0, widest_mels=1)
    assert torch.allclose(Mask(nothing, mean).hide(heard, np.random.default_rng(0)), heard, atol=1e-3)
    long = MaskSettings(times=1, longest_frames=20, bands=0, widest_mels=1)
    masked = Mask(long, mean).hide(heard, np.random.default_rng(0))
    hidden = torch.isclose(masked, mean).all(2)
    assert 0 < hidden.sum() <= 40
    assert torch.allclose(masked[~hidden], heard[~hidden], atol=1e-3)
