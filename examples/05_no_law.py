"""A random walk: nothing to find, and the program says so.

Two random walks look like trajectories, and least squares will fit anything. Whether a tool is worth trusting
shows where there is no law.

Try: ten other seeds. How often is the verdict "law"? How often should it be?
"""

import numpy as np

import discover


def main() -> discover.Discovery:
    """Ask for the law of two random walks."""
    walk = np.cumsum(np.random.default_rng(7).standard_normal((400, 2)), axis=0)
    found = discover.dynamics({"time": np.arange(400.0), "a": walk[:, 0], "b": walk[:, 1]})
    print(f"verdict: {found.verdict.word}")
    for reason in found.verdict.reasons:
        print(f"  {reason}")
    return found


if __name__ == "__main__":
    main()
