"""What the measures are worth: read from `weights.toml`, made by `benchmarks/fit_intent.py`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import exp


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the evidence, and of each channel by measure."""

    terms: Mapping[str, Sequence[float]]
    channels: Mapping[str, Mapping[str, float]]

    def evidence(self, situation: str) -> Sequence[float]:
        """The weights of the measures where there is company ("together") or none ("alone")."""
        return self.terms[situation]

    def odds(self, channel: str, measured: Mapping[str, float]) -> float:
        """Log-odds that the slip of this channel happened; a measure without weight counts 0."""
        weights = self.channels[channel]
        return weights["constant"] + sum(
            weights.get(name, 0.0) * value for name, value in measured.items()
        )


def probability(odds: float) -> float:
    """Log-odds as a probability."""
    return 1 / (1 + exp(-max(-60.0, min(60.0, odds))))


def load() -> Weights:
    """The weights that come with the package."""
    found = tomllib.loads(files("addin_service.intent").joinpath("weights.toml").read_text("utf-8"))
    return Weights(found["evidence"], found["channels"])


WEIGHTS = load()
