"""Many data sets: a plan in TOML, a process for every job, a manifest of what became of each, and a page of them all.

`plan` reads and expands a plan, and `check` finds every mistake in it before anything runs. `run` goes over the jobs
that are left, on this machine (`local`) or on a Dask cluster (`cluster`); either way `supervision` starts a process for
the job (`child`) and holds it to its limits. `manifest` says what is complete, `summary` shows it.

To add an option that `discover.dynamics` or `discover.law` takes, write a row in `schema.KEYS`: plans, their check, the
documented example and the call itself follow from it. Nothing is imported here: the process of a job needs little.
"""
