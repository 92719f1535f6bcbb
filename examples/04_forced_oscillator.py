"""A spring that is pushed: inputs act, and have no equation.

What pushes is measured too, but the spring does not move it back. Naming it as an input leaves it out of the
left-hand sides and keeps it on the right. The law that comes out then answers what would have happened had
nobody pushed.

Try: do not name u as an input. What does the program make of it, and what does the verdict say?
"""

import numpy as np

import discover
from discover.simulate import generate, known_system


def main() -> discover.Discovery:
    """Find the law of the pushed spring, then let it swing unpushed."""
    recorded = generate(known_system("forced oscillator"), n_trajectories=2, n_samples=600, noise=0.02, seed=1)
    print("roles:", {str(name): column.attrs.get("role", "state") for name, column in recorded.data_vars.items()})

    found = discover.dynamics(recorded, library=discover.Polynomial(2))
    print(found)

    t = np.arange(0.0, 20.0, 0.1)
    alone = found.simulate([1.0, 0.0], t, inputs={"u": np.zeros_like(t)})
    print(
        f"\nUnpushed, the swing shrinks from 1 to {float(np.abs(alone['x'][-30:]).max()):.2f} in {t[-1]:.0f} seconds."
    )
    return found


if __name__ == "__main__":
    main()
