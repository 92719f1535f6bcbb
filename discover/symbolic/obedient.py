"""Forms that keep what is required of a formula: an archive holds many more than are shown."""

from discover.expr import constant
from discover.problem import Problem
from discover.symbolic.archive import Archive, Entry

MOST_ASKED = 1500
"""Forms that are held against the requirements, shortest descriptions first."""

MOST_FOUND = 12


def obedient(problem: Problem, target: int, archive: Archive) -> list[Entry]:
    """Return the forms with the shortest descriptions that no requirement refuses; none where nothing is required."""
    if not problem.constraints:
        return []
    found: list[Entry] = []
    n = len(problem.targets)
    for entry in sorted(archive.entries.values(), key=lambda entry: entry.length)[:MOST_ASKED]:
        system = tuple(entry.form.law if k == target else constant(0.0) for k in range(n))
        mine = [constraint for constraint in problem.constraints if constraint.speaks_of(target)]
        if all(constraint.refuse(system, problem) is None for constraint in mine):
            found.append(entry)
            if len(found) >= MOST_FOUND:
                break
    return found
