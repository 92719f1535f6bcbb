"""Speed, recovery and calibration, measured side by side with peers: `python -m benchmarks SUITE …`.

To add a suite, write one file with a docstring, `run(plan, campaign) -> tuple of Table`, and name it in
`SUITES` in `__main__.py`. Whatever runs many times goes through `campaign.run`, which draws the progress
bar, counts what fails, and resumes; a suite only names its cases and tabulates their records.
Measured figures are kept in RESULTS.md, each with its commit, its command and its machine.
"""
