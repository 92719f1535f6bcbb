"""Names of columns, which may be anything, as identifiers of programming languages and as mathematics."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lettering:
    """A name as mathematics is set: what stands on the line, and what stands below it ("" for nothing)."""

    base: str
    below: str


def lettering(name: str) -> Lettering:
    """Split a name before its last digits, or a letter from its subscript; other words stay whole.

    >>> lettering("theta_max"), lettering("x12"), lettering("hare_pelts")
    (Lettering(base='theta', below='max'), Lettering(base='x', below='12'), Lettering(base='hare_pelts', below=''))
    """
    found = re.fullmatch(r"([^\W\d_]+)_?(\d+)", name) or re.fullmatch(r"([^\W\d_]+)_([^\W_]{1,8})", name)
    is_split = found and (found[2].isdigit() or len(found[1]) == 1 or found[1] in GREEK)
    return Lettering(found[1], found[2]) if found and is_split else Lettering(name, "")


def identifiers(names: Sequence[str], reserved: Collection[str]) -> tuple[str, ...]:
    """Return one ASCII identifier a name, all different and none of them reserved.

    >>> identifiers(["hare (thousands)", "hare-thousands", "lambda", "2nd"], {"lambda"})
    ('hare_thousands', 'hare_thousands_2', 'lambda_', 'v_2nd')
    """
    used = set(reserved)
    found: list[str] = []
    for name in names:
        identifier = _identifier(name)
        if identifier in reserved:
            identifier += "_"
        count, first = 1, identifier
        while identifier in used:
            count += 1
            identifier = f"{first.rstrip('_')}_{count}"
        used.add(identifier)
        found.append(identifier)
    return tuple(found)


def _identifier(name: str) -> str:
    spelled = "".join(_spelled(sign) for sign in name)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    words = re.sub(r"\W+", "_", plain).strip("_")
    if not words:
        return "v"
    return words if words[0].isalpha() else f"v_{words}"


def _spelled(sign: str) -> str:
    return next((word for word, letter in GREEK.items() if letter == sign), sign)
