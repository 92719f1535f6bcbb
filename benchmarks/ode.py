"""ode: ordinary differential equations, chaotic ones from plenty of data and textbook ones from very few.

The systems come from `--data DIR`; `--only dysts` or `--only odebench` runs one of the two parts.
"""

from benchmarks import dysts, odebench
from benchmarks.campaign import Campaign
from benchmarks.plan import Plan, Table


def run(plan: Plan, campaign: Campaign) -> tuple[Table, ...]:
    """Return the tables of both parts."""
    if plan.data is None:
        raise SystemExit(f"The suite ode needs --data DIR, the folder that holds {dysts.FILE} and {odebench.FILE}.")
    return (*dysts.run(plan, campaign), *odebench.run(plan, campaign))
