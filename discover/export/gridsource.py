"""Laws over space as Python source: the rates of change of fields on a grid."""

from collections.abc import Sequence

from discover.equation import Law
from discover.export.spelling import Spelled
from discover.export.text import shown

_DERIVATIVE = '''import numpy


def derivative(values, orders, coordinates, periodic=True):
    """Derivative of a field, orders[k] times along axis k, with the shape of `values`.

    By Fourier series where the grid is periodic: evenly spaced, without a repeated last point. Elsewhere by
    numpy.gradient, as often as it takes.
    """
    for axis, (order, along) in enumerate(zip(orders, coordinates)):
        if order and periodic:
            n = len(along)
            k = 2j * numpy.pi * numpy.fft.fftfreq(n, along[1] - along[0])
            if order % 2 and n % 2 == 0:
                k[n // 2] = 0.0
            factor = (k**order).reshape([-1 if at == axis else 1 for at in range(values.ndim)])
            values = numpy.fft.ifft(factor * numpy.fft.fft(values, axis=axis), axis=axis).real
        elif order:
            for _ in range(order):
                values = numpy.gradient(values, along, axis=axis, edge_order=2)
    return values

'''


def python_on_grids(law: Law, spelled: Spelled) -> str:
    """Return a Python function `rates(t, fields, coordinates[, inputs])` that needs NumPy alone.

    It differentiates along every axis of the grid, and suits the method of lines.
    """
    signature = "t, fields, coordinates, inputs" if spelled.inputs else "t, fields, coordinates"
    axes = ", ".join(shown(name) for name in law.space)
    lines = [
        f"def rates({signature}, periodic=True):",
        f'    """{spelled.meaning} on a grid, with the shape of `fields`: ({len(spelled.states)}, n_points, …).',
        "",
        f"    `coordinates` holds the points along {_docstring(axes)}, an array for each. `derivative` says what",
        "    `periodic` means.",
        *(["    `inputs` holds the values of each input on the grid."] if spelled.inputs else []),
        "",
        *spelled.docstring(),
        '    """',
        "    fields = numpy.asarray(fields, dtype=float)",
        f"    {_unpacked(spelled.states)} = fields",
        *([f"    {_unpacked(spelled.inputs)} = inputs"] if spelled.inputs else []),
        "",
        "    def d(values, *orders):",
        "        return derivative(numpy.broadcast_to(values, fields.shape[1:]), orders, coordinates, periodic)",
        "",
        "    rates = numpy.empty_like(fields)",
        *(f"    rates[{at}] = {rate}" for at, rate in enumerate(spelled.rates)),
        "    return rates",
    ]
    return _DERIVATIVE + "\n" + "\n".join(lines) + "\n"


def _docstring(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _unpacked(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) > 1 else f"({names[0]},)"
