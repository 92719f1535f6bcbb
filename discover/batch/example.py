"""A plan to begin with, in which every key is explained; what `discover batch --example` prints."""

from discover.batch.schema import KEYS, Use

HEAD = """\
# A plan for `discover batch plan.toml`. Everything but one [[jobs]] with its data may be left out.
# Paths are seen from the folder of this file.

output = "results"            # folder for the laws, reports and the manifest; --output wins

[defaults]                    # for all jobs, unless they say otherwise
max_evals = 5000              # a budget in candidates gives the same laws on every machine, one in seconds does not
seed = 0
time_limit = "30min"
memory_limit = "4 GB"

[[jobs]]                      # equations of motion; every file is a job of its own
name = "populations"
data = "populations/*.csv"
time = "year"
degree = 2
matrix.engine = ["sparse", "pysindy"]    # every value gives a job: here two for each file
matrix.seed = [0, 1, 2]                  # … and with this one six

[[jobs]]                      # one law from several recordings
name = "pendulum"
data = ["swing_1.csv", "swing_2.csv"]
together = true
time = "t"
inputs = "torque"
units = {theta = "rad", omega = "rad s-1"}
library = "poly(2) + terms('sin(theta)')"

[[jobs]]                      # a formula of one column, one row an observation
data = "gas.csv"
target = "pressure"
columns = ["amount", "temperature", "volume"]

# Every key that [defaults], [[jobs]] and a matrix may hold (name and data in [[jobs]] only):
"""

USES: dict[tuple[Use, ...], str] = {
    ("plan",): "what is looked at",
    ("load", "table"): "how the data are read (of formulas: columns and units)",
    ("library", "dynamics"): "equations of motion only",
    ("law",): "formulas only",
    ("symbolic",): 'engine = "symbolic"',
    ("form", "find"): "every search",
    ("limit",): "what a process may take",
}


def example() -> str:
    """Return a plan in which every key is explained.

    >>> example().splitlines()[3]
    'output = "results"            # folder for the laws, reports and the manifest; --output wins'
    """
    lines = []
    for uses, heading in USES.items():
        lines += ["#", f"# {heading}:"]
        lines += [f"#   {key.name:<13} {key.told}: {key.kind.told}" for key in KEYS.values() if key.use in uses]
    return HEAD + "\n".join(lines) + "\n"
