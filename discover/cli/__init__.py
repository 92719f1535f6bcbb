"""The command line: one file for each family of commands.

To add a command, write a function in a file of its own with its options as annotations, decorate it
with `ends_well`, return its exit code, and register it in `app.py`. Import what is heavy inside the
function: `discover --help` loads neither NumPy nor Numba, and a test holds it to that.
"""

from discover.cli.app import app, main

__all__ = ["app", "main"]
