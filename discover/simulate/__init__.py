"""Run a law forward, and known systems to try things on.

A law becomes a `VectorField`; `compile_flow` puts it on the kernels; `simulate` runs it and gives back a
Dataset. To add a known system, write one `System` in `systems.py` and name it in `SYSTEMS`.
"""

from discover.simulate.batch import simulate_batch
from discover.simulate.field import VectorField, compile_flow, input_slopes, vector_field
from discover.simulate.forward import simulate
from discover.simulate.generation import clean_trajectories, generate
from discover.simulate.systems import SYSTEMS, System, known_system, lorenz96

__all__ = [
    "SYSTEMS",
    "System",
    "VectorField",
    "clean_trajectories",
    "compile_flow",
    "generate",
    "input_slopes",
    "known_system",
    "lorenz96",
    "simulate",
    "simulate_batch",
    "vector_field",
]
