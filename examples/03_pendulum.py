"""A pendulum that swings wide: the library decides what can be said.

For small angles sin θ is θ, and polynomials do. This pendulum starts at two radians. With polynomials alone
the program has to imitate the sine by its power series; with `sin(theta)` on offer the law is two short lines.

Try: start at 0.2 radians. Does the sine still earn its place?
"""

from dataclasses import replace

import discover
from discover.simulate import generate, known_system


def main() -> discover.Discovery:
    """Search twice: without the sine, and with it."""
    pendulum = replace(known_system("pendulum"), x0=(2.0, 0.0))
    data = generate(pendulum, n_trajectories=2, n_samples=500, noise=0.01, seed=1)

    imitation = discover.dynamics(data, library=discover.Polynomial(3))
    found = discover.dynamics(data, library=discover.Polynomial(3) + discover.Terms("sin(theta)"))
    for name, trial in (("polynomials", imitation), ("with sin(theta)", found)):
        omega = trial.equations["omega"]
        # The loss is about 1 where law and noise explain everything.
        print(f"{name}: {len(omega.terms)} terms for omega′, loss {omega.loss:.2f}, verdict {trial.verdict.word}")
    print(f"\n{found}")
    return found


if __name__ == "__main__":
    main()
