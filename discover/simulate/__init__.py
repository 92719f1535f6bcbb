"""Run a law forward, and known systems to try things on.

A law becomes a `VectorField`; `simulate` runs it and gives back a Dataset. Trajectories go on the kernels
(`compile_flow`), laws of second order as first-order systems (`reduction.py`), maps value after value
(`iteration.py`), stochastic laws path by path (`paths.py`), laws over space on their grid
(`space.py`): by Fourier modes where it is periodic (`spectral.py`, `stepping.py`), by finite differences elsewhere
(`lines.py`).

To add a known system, write one `System` in `systems.py` and name it in `SYSTEMS`.
To add what may lie beyond an edge: a word in `space.py`, and its stencil in `differences.py`.
"""

from discover.simulate.batch import simulate_batch
from discover.simulate.field import VectorField, compile_flow, input_slopes, vector_field
from discover.simulate.following import follow_field, follow_stretch
from discover.simulate.forward import simulate
from discover.simulate.generation import clean_trajectories, generate
from discover.simulate.grid import looks_periodic
from discover.simulate.rates import axes_of_derivatives, rates_over
from discover.simulate.reduction import FirstOrder, first_order
from discover.simulate.space import Boundary
from discover.simulate.starts import movie_of, start_of
from discover.simulate.systems import SYSTEMS, System, known_system, lorenz96

__all__ = [
    "SYSTEMS",
    "Boundary",
    "FirstOrder",
    "System",
    "VectorField",
    "axes_of_derivatives",
    "clean_trajectories",
    "compile_flow",
    "first_order",
    "follow_field",
    "follow_stretch",
    "generate",
    "input_slopes",
    "known_system",
    "looks_periodic",
    "lorenz96",
    "movie_of",
    "rates_over",
    "simulate",
    "simulate_batch",
    "start_of",
    "vector_field",
]
