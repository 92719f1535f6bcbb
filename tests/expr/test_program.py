import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.errors import ExpressionError
from discover.expr import Polynomial, Terms, call, compile_program, constant, derivative, evaluate, parse, variable
from discover_kernels import opcodes
from tests.expr.strategies import N_VARIABLES, expressions, samples
from tests.reference import rounding_error, run_program

x, y = variable(0), variable(1)
SYSTEMS = st.lists(expressions(max_leaves=6), min_size=1, max_size=5)


@given(SYSTEMS, samples())
def test_a_program_equals_evaluation(exprs, X):
    found = compile_program(exprs, N_VARIABLES).evaluate(X)
    for row, expr in zip(found, exprs, strict=True):
        error = rounding_error(expr, X)
        sure = np.isfinite(error)
        assert np.all(np.abs(row[sure] - evaluate(expr, X)[sure]) <= 10 * error[sure])


@given(SYSTEMS, samples())
def test_the_kernel_equals_its_twin(exprs, X):
    program = compile_program(exprs, N_VARIABLES)
    found, expected = program.evaluate(X), run_program(program, X)
    for row, twin, expr in zip(found, expected, exprs, strict=True):
        error = rounding_error(expr, X)
        sure = np.isfinite(error)
        assert np.all(np.abs(row[sure] - twin[sure]) <= 10 * error[sure])


@given(SYSTEMS)
def test_an_instruction_never_writes_what_it_reads(exprs):
    program = compile_program(exprs, N_VARIABLES)
    n_fixed = N_VARIABLES + len(program.constants)
    for opcode, out, a, b in program.code.tolist():
        binary = opcode in (opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW)
        assert n_fixed <= out < program.n_rows
        assert out != a
        assert not binary or out != b


@pytest.mark.parametrize(("n_variables", "degree"), [(1, 9), (2, 5), (3, 3), (10, 3)])
def test_a_monomial_costs_one_multiplication(n_variables, degree):
    terms = Polynomial(degree).build([f"x{index}" for index in range(n_variables)])
    program = compile_program(terms, n_variables)
    assert set(program.code[:, 0]) == {opcodes.MUL}
    assert len(program.code) == len(terms) - 1 - n_variables


@given(st.permutations(Polynomial(4).build(["x", "y", "z"])))
def test_the_order_of_the_terms_does_not_matter_for_the_cost(terms):
    assert len(compile_program(terms, 3).code) == len(terms) - 4


def test_terms_of_other_functions_share_their_factors():
    library = (Polynomial(2) + Polynomial(1) * Terms("sin(x)")).build(["x", "y"])
    program = compile_program(library, 2)
    assert sorted(program.code[:, 0].tolist()).count(opcodes.SIN) == 1
    assert len(program.code) == 3 + 1 + 2


@pytest.mark.parametrize(("n", "n_multiplications"), [(2, 1), (3, 2), (4, 2), (5, 3), (7, 4), (8, 3), (16, 4), (64, 6)])
def test_a_lone_power_takes_few_multiplications(n, n_multiplications):
    assert len(compile_program([x**n], 1).code) == n_multiplications


def test_equal_parts_are_computed_once():
    shared = call("sin", x * y)
    program = compile_program([shared + 1, shared * 2, y * x, shared - 1, 1 + shared], 2)
    assert sorted(program.code[:, 0].tolist()) == sorted(
        [opcodes.MUL, opcodes.SIN, opcodes.ADD, opcodes.MUL, opcodes.SUB]
    )


def test_rows_are_used_again_but_roots_stay():
    chain = x
    for _ in range(50):
        chain = call("sin", chain + 1)
    program = compile_program([chain, x * y], 2)
    assert program.n_rows <= 2 + 1 + 2 + 2
    X = np.array([[0.3, 0.4], [2.0, 3.0]])
    np.testing.assert_allclose(program.evaluate(X), [evaluate(chain, X), X[0] * X[1]], rtol=1e-14)


def test_roots_may_be_leaves_and_may_repeat():
    program = compile_program([x, constant(2.5), x, y], 2)
    assert len(program.code) == 0
    assert program.evaluate([[1.0], [3.0]]).tolist() == [[1.0], [2.5], [1.0], [3.0]]


def test_constants_are_data():
    program = compile_program([2 * x + 3, 2 * y], 2)
    assert program.constants.tolist() == [2.0, 3.0]
    assert program.with_constants([5, 7]).evaluate([[1.0], [1.0]]).tolist() == [[12.0], [5.0]]
    separate = compile_program([2 * x + 3, 2 * y], 2, merge_constants=False)
    assert separate.constants.tolist() == [2.0, 3.0, 2.0]
    assert separate.with_constants([5, 7, 11]).evaluate([[1.0], [1.0]]).tolist() == [[12.0], [11.0]]


@given(st.integers(0, 700))
def test_any_number_of_samples_gives_the_same_values(n_samples):
    program = compile_program([parse("sin(x)*exp(y) + x**3", ["x", "y"])], 2)
    X = np.random.default_rng(0).normal(size=(2, 700))
    assert np.array_equal(program.evaluate(X[:, :n_samples]), program.evaluate(X)[:, :n_samples])


def test_empty_programs_run():
    assert compile_program([], 2).evaluate(np.zeros((2, 3))).shape == (0, 3)
    assert compile_program([x + y], 2).evaluate(np.zeros((2, 0))).shape == (1, 0)


def test_wrong_input_is_refused():
    with pytest.raises(ExpressionError, match="there are 1 variables"):
        compile_program([y], 1)
    with pytest.raises(ExpressionError, match="cannot be compiled"):
        compile_program([derivative(x, (1,))], 1)
    program = compile_program([x + 1], 1)
    with pytest.raises(ExpressionError, match=r"shape \(1, n_samples\)"):
        program.evaluate(np.zeros((2, 3)))
    with pytest.raises(ExpressionError, match="has 1 constants, got 2"):
        program.with_constants([1, 2])
