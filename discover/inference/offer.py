"""Which terms are on offer for a problem."""

from math import comb

from discover.expr import Derivatives, Expr, Library, Polynomial, default_library, dimension_of
from discover.problem import Problem


def terms_on_offer(library: Library | None, problem: Problem) -> tuple[Expr, ...]:
    """Return the library on the problem's variables; a term that breaks their units is an error.

    None takes polynomials of a degree that the data can tell apart.
    """
    terms = (library or affordable_library(problem)).build(problem.names)
    for term in terms:
        dimension_of(term, problem.dimensions, problem.names)
    return terms


def affordable_library(problem: Problem) -> Library:
    """Return the usual polynomials, of a lower degree where the data are too few to tell so many terms apart.

    Over space they come with their derivatives: to order 4 of a single field on a line, else to order 2.
    """
    if problem.space:
        single = problem.n_variables == len(problem.space) == 1
        return Derivatives(Polynomial(3), 4 if single else 2, len(problem.space))
    library = default_library(problem.n_states)
    while library.degree > 1 and comb(problem.n_variables + library.degree, library.degree) > problem.n_samples / 3:
        library = Polynomial(library.degree - 1)
    return library
