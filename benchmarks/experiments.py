"""Experiments: a known system, how it was sampled, and the file that a scientist would have of it."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from discover.expr import Library, Terms, default_library, text
from discover.simulate import System, generate, known_system

if TYPE_CHECKING:
    import pandas as pd

TIME, GROUP = "t", "run"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One system under one sampling.

    Attributes:
        name: of the system, as in `discover.simulate.SYSTEMS`.
        setting: what is unusual about the sampling or the parameters, in a word.
        step: sampling interval, as a multiple of the system's usual one.
        n_trajectories, n_samples: how much was measured.
        parameters: numbers that replace the system's usual ones.
        terms: functions offered beside the polynomials.
    """

    name: str
    setting: str = "usual"
    step: float = 1.0
    n_trajectories: int = 3
    n_samples: int = 1000
    parameters: tuple[tuple[str, float], ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.name} | {self.setting}"

    def system(self) -> System:
        """Return the system with this experiment's numbers."""
        usual = known_system(self.name)
        numbers = {**dict(usual.parameters), **dict(self.parameters)}
        if len(numbers) != len(usual.parameters):
            raise ValueError(f"{self.key}: {self.name} has the parameters {[name for name, _ in usual.parameters]}.")
        return replace(usual, dt=usual.dt * self.step, parameters=tuple(numbers.items()))

    def library(self) -> Library:
        """Return the terms that the truth is written in: those that `discover run` offers by itself."""
        polynomial = default_library(len(self.system().states))
        return polynomial + Terms(*self.terms) if self.terms else polynomial

    def truth(self) -> dict[tuple[str, str], float]:
        """Return the true coefficients by target and term."""
        return _truth(self)

    def draw(self, noise: float, seed: int) -> int:
        """Return the seed of the data, so that no two systems, samplings or noise levels share their draws."""
        words = [seed, round(1e6 * noise), crc32(self.key.encode())]
        return int(np.random.SeedSequence(words).generate_state(1)[0])

    def frame(self, noise: float, seed: int) -> "pd.DataFrame":
        """Return measurements as a table with a column for the run, the time, and each variable.

        `noise` is sigma / RMS(clean) of every state; inputs are measured without.
        """
        data = generate(self.system(), self.n_trajectories, self.n_samples, noise, self.draw(noise, seed))
        names = [str(name) for name in data.data_vars]
        frame = data.to_dataframe().reset_index()
        if self.n_trajectories == 1:
            frame["trajectory"] = "0"
        return frame.rename(columns={"trajectory": GROUP, "time": TIME}).loc[:, [GROUP, TIME, *names]]

    def write(self, path: Path, noise: float, seed: int) -> None:
        """Write the measurements as CSV, with nine digits."""
        self.frame(noise, seed).to_csv(path, index=False, float_format="%.9g")

    def options(self) -> list[str]:
        """Return what `discover run FILE` is told on the command line beside the file."""
        inputs = [option for name in self.system().inputs for option in ("--inputs", name)]
        terms = [option for term in self.terms for option in ("--terms", term)]
        return ["--time", TIME, "--group", GROUP, *inputs, *terms]


@lru_cache(maxsize=256)
def _truth(experiment: Experiment) -> dict[tuple[str, str], float]:
    system = experiment.system()
    library = experiment.library().build(system.names)
    Xi = system.true_terms(library)
    return {
        (state, text(term, system.names)): float(Xi[p, i])
        for i, state in enumerate(system.states)
        for p, term in enumerate(library)
        if Xi[p, i] != 0.0
    }


SINE = ("sin(theta)",)

USUAL = (
    Experiment("lorenz"),
    Experiment("van der pol"),
    Experiment("rossler"),
    Experiment("lotka-volterra"),
    Experiment("pendulum", terms=SINE),
    Experiment("forced oscillator"),
)
"""Three trajectories of a thousand samples, 50 to 100 a period."""


def _variants(name: str, terms: tuple[str, ...] = ()) -> tuple[Experiment, ...]:
    return (
        Experiment(name, "coarser", step=2.5, n_samples=400, terms=terms),
        Experiment(name, "finer", step=0.25, n_samples=2000, terms=terms),
        Experiment(name, "one run", n_trajectories=1, terms=terms),
        Experiment(name, "short", n_trajectories=1, n_samples=250, terms=terms),
        Experiment(name, "long", n_samples=3000, terms=terms),
    )


VARIANTS = (
    *(variant for usual in USUAL for variant in _variants(usual.name, usual.terms)),
    Experiment("lorenz", "rho=45", parameters=(("rho", 45.0),)),
    Experiment("lorenz", "rho=20 (settles)", parameters=(("rho", 20.0),)),
    Experiment("van der pol", "mu=0.5", parameters=(("mu", 0.5),)),
    Experiment("van der pol", "mu=5 (stiff)", parameters=(("mu", 5.0),)),
    Experiment("rossler", "c=9", parameters=(("c", 9.0),)),
    Experiment("rossler", "a=0.1, b=0.1, c=14", parameters=(("a", 0.1), ("b", 0.1), ("c", 14.0))),
    Experiment("lotka-volterra", "slow prey", parameters=(("a", 0.4), ("b", 0.1), ("c", 1.2), ("d", 0.2))),
    Experiment("lotka-volterra", "pelts", parameters=(("a", 0.55), ("b", 0.28), ("c", 0.8), ("d", 0.24))),
    Experiment("pendulum", "more friction", parameters=(("c", 0.8),), terms=SINE),
    Experiment("pendulum", "long rope", parameters=(("g_over_l", 1.0), ("c", 0.05)), step=3.0, terms=SINE),
    Experiment("forced oscillator", "soft", parameters=(("k", 0.5), ("c", 0.05), ("b", 1.0))),
    Experiment("forced oscillator", "damped", parameters=(("k", 4.0), ("c", 2.0), ("b", 1.0))),
)
"""The same systems sampled otherwise, and with other parameters: where does it break?"""
