"""What noise does to an estimate: covariance, chi-square, intervals, refinement on trajectories.

To add an estimator, write a function from rows or stretches to coefficients with their covariance,
and measure the coverage of its intervals in `benchmarks` before the judge may use it.
"""
