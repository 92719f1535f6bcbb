"""What is said of a law beside its equations: which cases differ, what was required, what the data suggest."""

from dataclasses import dataclass

from discover.expr import Expr


@dataclass(frozen=True, slots=True)
class Contrast:
    """Whether a coefficient differs from case to case.

    Attributes:
        target: whose equation.
        expr: the term that the coefficient stands before, without the indicator of a case.
        shared: whether the law has one number for all cases.
        probability: that the cases differ, by the Bayesian information criterion.
        p_value: chance of differences as large as these if they were one.
        chi2: what one number for all would cost; `dof` how many numbers it saves.
    """

    target: str
    expr: Expr
    shared: bool
    probability: float
    p_value: float
    chi2: float
    dof: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that was required of a law: its text, and how the law keeps it (`held`).

    Attributes:
        contradicted: whether the data speak against it; `note` says why, as a sentence.
        p_value: chance of coefficients so far from it if it were true; `gain` is the criterion by which the best law
            found without it is better; NaN where unknown.
    """

    text: str
    held: str
    contradicted: bool = False
    p_value: float = float("nan")
    gain: float = float("nan")
    note: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A symmetry that nobody required and that the data show, or would have to be asked about.

    Attributes:
        text: the requirement that would ask for it.
        told: whether the data tell; where not, the law that was found has it and the data neither show nor deny it.
        p_value: chance of coefficients that break it as far as those fitted, if it is true.
        share: what breaks it is at most this share of the rates (95 %), root mean squares; NaN where unknown.
        note: the same as a sentence.
    """

    text: str
    told: bool
    p_value: float
    share: float
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """A dimensionless quantity that a law was sought in.

    Attributes:
        name: of the variable, or of the time, that it stands for.
        text: what it is, such as "x/(0.53 m)" or "t·sqrt(g/length)".
    """

    name: str
    text: str
