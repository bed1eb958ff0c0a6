"""The exact engine on formulas small enough for paper."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from blackstart.engines import building, diagram, logic, ordering, sifting
from blackstart.engines.cutsets import primes_below
from blackstart.engines.formula import AND, FALSE, IFF, OR, THRESHOLD, TRUE, XOR, Formula, Writer, negated, written_out
from blackstart.engines.rewriting import GATE, Body, opened, taken_apart


def solved(write, p: list[float], **settings) -> logic.Solved:
    """Solve what `write(writer, events)` returns as the top."""
    writer = Writer(len(p))
    top = write(writer, [writer.event(i) for i in range(len(p))])
    return logic.solve(writer.formula(top if isinstance(top, list) else [top]), np.array(p), **settings)


def two_of_three(w: Writer, e: list[int]) -> int:
    return w.gate(THRESHOLD, e, 2.0)


def bridge(w: Writer, e: list[int]) -> int:
    """The bridge of five lines: every textbook's formula that is not a tree."""
    a, b, c, d, x = e
    return w.gate(OR, [w.gate(AND, [a, b]), w.gate(AND, [c, d]), w.gate(AND, [a, x, d]), w.gate(AND, [c, x, b])])


# ----------------------------------------------------------------------------- probability and importance


def test_two_of_three_by_hand() -> None:
    p = [0.1, 0.2, 0.3]
    found = solved(two_of_three, p)
    assert found.outcome == "exact"
    assert found.probability[0] == pytest.approx(0.1 * 0.2 * 0.7 + 0.1 * 0.8 * 0.3 + 0.9 * 0.2 * 0.3 + 0.006, rel=1e-15)
    assert found.birnbaum[0] == pytest.approx([0.2 * 0.7 + 0.8 * 0.3, 0.1 * 0.7 + 0.9 * 0.3, 0.1 * 0.8 + 0.9 * 0.2])
    assert found.p_given_true[0] == pytest.approx([0.2 + 0.3 - 0.06, 0.1 + 0.3 - 0.03, 0.1 + 0.2 - 0.02])
    assert found.p_given_false[0] == pytest.approx([0.06, 0.03, 0.02])


def test_importance_measures_follow_from_what_is_conditioned() -> None:
    found = solved(bridge, [0.1, 0.2, 0.3, 0.4, 0.5])
    p, with_it, without = found.probability[0], found.p_given_true[0], found.p_given_false[0]
    assert with_it - without == pytest.approx(found.birnbaum[0])
    assert found.p * with_it + (1 - found.p) * without == pytest.approx(np.full(5, p))
    assert logic.criticality(found)[0] == pytest.approx(found.p * (with_it - without) / p)
    assert logic.fussell_vesely(found)[0] == pytest.approx(1 - without / p)
    assert logic.diagnostic(found)[0] == pytest.approx(found.p * with_it / p)
    assert logic.achievement_worth(found)[0] == pytest.approx(with_it / p)
    assert logic.reduction_worth(found)[0] == pytest.approx(p / without)


def test_what_an_event_alone_brings_about_vanishes_with_it() -> None:
    found = solved(lambda w, e: w.gate(AND, e), [1e-9, 0.5])
    assert found.p_given_false[0].tolist() == [0.0, 0.0]
    assert logic.fussell_vesely(found)[0].tolist() == [1.0, 1.0]
    assert np.isinf(logic.reduction_worth(found)).all()


def test_what_remains_without_a_dominating_event_keeps_its_digits() -> None:
    found = solved(lambda w, e: w.gate(OR, [e[0], w.gate(AND, e[1:])]), [1e-2, 1e-9, 1e-9])
    assert found.p_given_false[0][0] == pytest.approx(1e-18, rel=1e-12)


def test_tiny_probabilities_keep_their_digits_on_both_sides() -> None:
    both = solved(lambda w, e: [w.gate(AND, e), negated(w.gate(OR, [negated(c) for c in e]))], [1e-12, 1e-13])
    assert both.probability == pytest.approx([1e-25, 1e-25], rel=1e-12)


def test_impossible_and_certain_events() -> None:
    found = solved(bridge, [0.0, 1.0, 0.3, 1.0, 0.0])
    assert found.probability[0] == pytest.approx(0.3)
    assert logic.solve(Writer(1).formula([TRUE, FALSE, 0, 1]), np.array([0.25])).probability.tolist() == [1.0, 0.0, 0.25, 0.75]
    nothing = solved(lambda w, e: w.gate(AND, e), [0.0, 0.5])
    assert logic.achievement_worth(nothing).tolist() == [[0.0, 0.0]]


def test_samples_are_what_one_by_one_gives() -> None:
    found = solved(bridge, [0.1] * 5)
    samples = np.random.default_rng(4).random((150, 5))
    one_by_one = [solved(bridge, q.tolist()).probability[0] for q in samples]
    assert found.probabilities(samples)[:, 0] == pytest.approx(one_by_one, rel=1e-13)
    assert found.probabilities(samples[:0]).shape == (0, 1)


# ----------------------------------------------------------------------------- frequency


def test_frequency_of_two_in_parallel_and_in_series() -> None:
    p, w = np.array([0.1, 0.2]), np.array([3.0, 5.0])
    both = solved(lambda g, e: [g.gate(AND, e), g.gate(OR, e)], p.tolist())
    assert both.frequency(w) == pytest.approx([0.2 * 3 + 0.1 * 5, 0.8 * 3 + 0.9 * 5])


def test_frequency_where_a_failure_may_mend() -> None:
    """Exactly one of two: a failing breaks it where b is up and mends it where b is down; so does a's repair, the other way."""
    found = solved(lambda g, e: g.gate(XOR, e), [0.1, 0.2])
    assert found.frequency(np.array([3.0, 0.0])) == pytest.approx([0.8 * 3 + 0.2 * 3])
    assert found.frequency(np.array([3.0, 0.0]), np.array([7.0, 0.0])) == pytest.approx([0.8 * 3 + 0.2 * 7])


# ----------------------------------------------------------------------------- cut sets


def test_cut_sets_of_the_bridge() -> None:
    found = solved(bridge, [0.1, 0.2, 0.3, 0.4, 0.5])
    assert found.cut_sets.kind == ("minimal",)
    assert found.cut_sets.by_order(0) == [0, 0, 2, 2]
    listed = found.most_likely(0, 10)
    assert [tuple(c // 2 for c in chosen) for _, chosen in listed] == [(2, 3), (1, 2, 4), (0, 1), (0, 3, 4)] or listed[1][0] == listed[2][0]
    assert [q for q, _ in listed] == pytest.approx([0.12, 0.03, 0.02, 0.02])
    assert found.most_likely(0, 2) == listed[:2]
    assert found.cut_sets.rare_event_sum(0, found.p) == pytest.approx(0.19)


def test_more_cut_sets_than_any_list_could_hold() -> None:
    """All of 60 pairs of which either may fail: 2^60 cut sets of 60 events."""
    found = solved(lambda w, e: w.gate(AND, [w.gate(OR, e[i : i + 2]) for i in range(0, 120, 2)]), [0.5] * 120)
    assert found.cut_sets.by_order(0) == [0] * 60 + [2**60]
    thirty = solved(lambda w, e: w.gate(THRESHOLD, e, 150.0), [0.5] * 300)
    assert thirty.cut_sets.count(0) == 93759702772827452793193754439064084879232655700081358920472352712975170021839591675861424


def test_no_cut_set_and_the_empty_one() -> None:
    found = logic.solve(Writer(1).formula([FALSE, TRUE]), np.array([0.5]))
    assert [found.cut_sets.by_order(t) for t in (0, 1)] == [[0], [1]]
    assert [found.most_likely(t, 5) for t in (0, 1)] == [[], [(1.0, ())]]


def test_exclusive_or_has_prime_implicants_and_minimal_sets() -> None:
    prime = solved(lambda w, e: w.gate(XOR, e), [0.1, 0.3], prime=True)
    assert prime.cut_sets.kind == ("prime",)
    assert prime.most_likely(0, 9) == [(pytest.approx(0.27), (1, 2)), (pytest.approx(0.07), (0, 3))]
    minimal = solved(lambda w, e: w.gate(XOR, e), [0.1, 0.3])
    assert minimal.cut_sets.kind == ("minimal",)
    assert [c for _, c in minimal.most_likely(0, 9)] == [(2,), (0,)]


def test_an_event_that_only_stands_negated_is_a_literal_of_a_coherent_top() -> None:
    found = solved(lambda w, e: w.gate(AND, [e[0], negated(e[1])]), [0.1, 0.3])
    assert found.coherent.tolist() == [True]
    assert found.most_likely(0, 9) == [(pytest.approx(0.07), (0, 3))]


def test_cut_sets_may_be_left_out() -> None:
    found = solved(bridge, [0.1] * 5, cut_sets=False)
    assert found.cut_sets.kind == ("",)
    with pytest.raises(ValueError, match="not found"):
        found.cut_sets.count(0)


def test_cut_sets_beyond_the_limits_are_left_out() -> None:
    """Thirty OR gates over 24 events, all needed; as many rows as the diagram takes are not enough for its cut sets."""
    draw = np.random.default_rng(0)
    rows = [draw.choice(24, 5, replace=False) for _ in range(30)]
    formula_of = lambda w, e: w.gate(AND, [w.gate(OR, [e[i] for i in row]) for row in rows])  # noqa: E731
    enough = solved(formula_of, [0.3] * 24)
    found = solved(formula_of, [0.3] * 24, limits=logic.Limits(made=enough.made + 100))
    assert (found.outcome, found.cut_sets.kind, found.cut_sets.roots.tolist()) == ("exact", ("",), [-1])
    assert found.probability == enough.probability and enough.cut_sets.kind == ("minimal",)


def test_primes() -> None:
    found = primes_below(100)
    assert [next(found) for _ in range(3)] == [97, 89, 83]


# ----------------------------------------------------------------------------- circles and thresholds


def test_a_circle_takes_the_least_solution() -> None:
    """a fails with x or with b, b fails with a and y: b alone never brings itself about."""
    writer = Writer(2)
    a, b = writer.later(), writer.later()
    writer.write(b, writer.gate(AND, [a, 2]))
    writer.write(a, writer.gate(OR, [0, b]))
    found = logic.solve(writer.formula([a, b]), np.array([0.1, 0.3]))
    assert found.probability == pytest.approx([0.1, 0.03])


def test_a_ring_of_rings_is_opened_exactly() -> None:
    n = 30
    writer = Writer(n)
    ring = [writer.later() for _ in range(n)]
    for i in range(n):
        writer.write(ring[i], writer.gate(OR, [2 * i, ring[(i + 1) % n], ring[(i * 7 + 3) % n]]))
    found = logic.solve(writer.formula(ring[:3]), np.full(n, 0.01))
    assert found.probability == pytest.approx([1 - 0.99**n] * 3)
    net, top = opened(writer.formula(ring), ring[0])
    assert len(net.rows) < n * n and top >= 2 * GATE


def test_weighted_threshold_is_a_knapsack() -> None:
    """Members of unequal size: supply short by 5 or more of 4 + 3 + 2 + 1."""
    weights = [4.0, 3.0, 2.0, 1.0]
    found = solved(lambda w, e: w.gate(THRESHOLD, e, 5.0, weights), [0.1, 0.2, 0.3, 0.4])
    states = (np.arange(16)[:, None] >> np.arange(4)) & 1
    chance = np.where(states, found.p, 1 - found.p).prod(1)
    assert found.probability[0] == pytest.approx(chance[states @ weights >= 5.0].sum(), rel=1e-14)


def test_wide_thresholds_do_not_blow_up() -> None:
    found = solved(lambda w, e: w.gate(THRESHOLD, e, 100.0), [0.5] * 200)
    assert found.nodes <= 101 * 101
    many = solved(lambda w, e: w.gate(THRESHOLD, e, 700.0, [float(1 + i % 13) for i in range(200)]), [0.5] * 200, cut_sets=False)
    assert many.nodes < 150_000 and 0.4 < many.probability[0] < 0.6


# ----------------------------------------------------------------------------- rewriting, orders, limits


def test_what_stands_together_becomes_a_module() -> None:
    """(a or b) guards both ways: a and b count as one event."""
    writer = Writer(6)
    a, b, c, d, e, f = (writer.event(i) for i in range(6))
    one = writer.gate(AND, [writer.gate(OR, [a, b, c]), d])
    two = writer.gate(AND, [writer.gate(OR, [a, b, e]), f])
    parts = taken_apart(writer.formula([writer.gate(OR, [one, two])]), 2 * (6 + 4))
    joined = [body for body in parts.bodies if body.rows[0][:2] == (OR, (0, 2))]
    assert len(joined) == 1


def test_a_child_decided_above_is_a_constant() -> None:
    writer = Writer(3)
    inner = writer.gate(OR, [writer.gate(AND, [0, 2]), writer.gate(AND, [negated(0), 4])])
    parts = taken_apart(writer.formula([writer.gate(AND, [0, inner])]), writer.gate(AND, [0, inner]))
    assert [row[:2] for row in parts.bodies[-1].rows] == [(AND, (0, 2))]


def test_read_once_formulas_need_one_row_for_each_event_and_module() -> None:
    def tree(w: Writer, e: list[int]) -> int:
        if len(e) == 1:
            return e[0]
        half = len(e) // 2
        return w.gate(OR if half % 3 else AND, [tree(w, e[:half]), tree(w, e[half:])])

    assert solved(tree, [0.3] * 300).nodes < 2 * 300


def comparator(pairs: int) -> Body:
    """OR of x_i AND y_i: in the order x1 x2 ... y1 y2 ... its diagram is as large as can be."""
    rows = [(AND, (2 * i, 2 * (pairs + i)), 0.0, ()) for i in range(pairs)]
    return Body([*rows, (OR, tuple(2 * (GATE + i) for i in range(pairs)), 0.0, ())], 2 * (GATE + pairs))


def test_sifting_finds_what_a_bad_order_hides() -> None:
    table, body = diagram.Table(1 << 20), comparator(10)
    attempt = building.Attempt(body, list(range(20)), {})
    before = attempt.run(table, 1 << 20)
    assert before is not None and len(before.rows) > 1000
    root = np.array([before.root])
    table.load(before.rows, 20, 1 << 20)
    at, _ = sifting.reordered(table, root, 20, 1 << 40, rounds=3)
    assert int(table.info[diagram.COUNT]) == 21
    again = building.Attempt(body, [before.order[i] for i in at], {}).run(table, 1 << 20)
    assert again is not None and len(again.rows) == 21


def test_orders_are_permutations() -> None:
    body = comparator(6)
    for order in ordering.orders(body):
        assert sorted(order) == list(range(12))


def triples(events: int, many: int, p: float, **settings) -> logic.Solved:
    """Random cut sets of order three."""
    draw = np.random.default_rng(3)
    rows = [draw.choice(events, 3, replace=False) for _ in range(many)]
    return solved(lambda w, e: w.gate(OR, [w.gate(AND, [e[i] for i in row]) for row in rows]), [p] * events, **settings)


@pytest.mark.parametrize("p", [0.03, 0.5])
def test_a_diagram_beyond_the_limits_gives_bounds(p: float) -> None:
    exact = triples(26, 45, p)
    assert exact.outcome == "exact"
    for made, factor in ((1_000, np.inf), (8_000, 1.5), (10_000, 1.5)):
        found = triples(26, 45, p, limits=logic.Limits(nodes=20_000, made=made))
        assert (found.outcome, found.reason) == ("bounded", "diagram-too-large")
        assert found.lower[0] <= exact.probability[0] <= found.upper[0] < factor * found.lower[0]
        assert found.lower[0] <= found.probability[0] <= found.upper[0]


def test_the_same_formula_at_other_probabilities_begins_from_what_does_not_hang_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = logic.Limits(nodes=20_000, made=8_000)
    first, anew = (triples(26, 45, p, limits=limits, cut_sets=False) for p in (0.03, 0.1))
    monkeypatch.setattr(logic, "taken_apart", None)
    monkeypatch.setattr(logic, "raced", None)
    again = triples(26, 45, 0.1, limits=limits, cut_sets=False, like=first)
    assert (again.outcome, again.lower, again.upper) == ("bounded", anew.lower, anew.upper)


def test_bounds_of_what_independence_gets_wrong() -> None:
    """Exclusive ors side by side: neighbours share everything, the estimate of what matters is far off."""
    draw = np.random.default_rng(5)
    rows = [draw.choice(24, 4, replace=False) for _ in range(24)]

    def write(w: Writer, e: list[int]) -> int:
        return w.gate(OR, [w.gate(AND, [w.gate(XOR, [e[a], e[b]]), w.gate(XOR, [e[b], negated(e[c])]), e[d]]) for a, b, c, d in rows])

    exact = solved(write, [0.02] * 24, cut_sets=False)
    found = solved(write, [0.02] * 24, cut_sets=False, limits=logic.Limits(made=exact.made // 2))
    assert (exact.outcome, found.outcome) == ("exact", "bounded")
    assert found.lower[0] <= exact.probability[0] <= found.upper[0] < 1.1 * found.lower[0]


def test_bounds_close_in_where_few_are_ever_true_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores of which eight copies in nine must stand, all in the same nine places."""

    def write(w: Writer, e: list[int]) -> int:
        copies = [[w.gate(OR, [e[place], e[9 + 9 * store + place]]) for place in range(9)] for store in range(12)]
        return w.gate(THRESHOLD, [*(w.gate(THRESHOLD, some, 2.0) for some in copies), e[117]], 3.0)

    p = [1e-4] * 9 + [2e-4] * 108 + [1e-3]
    whole = solved(write, p)
    monkeypatch.setattr(logic, "raced", lambda *_: None)
    found = solved(write, p, limits=logic.Limits(made=400_000))
    assert (whole.outcome, found.outcome) == ("exact", "bounded")
    assert found.lower[0] <= whole.probability[0] <= found.upper[0] < 1.01 * found.lower[0]
    assert found.most_likely(0, 36) == whole.most_likely(0, 36)  # every pair of places


def test_bounds_where_next_to_nothing_fits() -> None:
    """No room for diagrams: an OR of three gates that share nothing is at most the sum of its sides, and an AND at least its product."""

    def write(w: Writer, e: list[int]) -> int:
        pairs = [w.gate(AND, [w.gate(OR, [e[a], e[b]]), w.gate(OR, [e[b], e[c]])]) for a, b, c in ((0, 1, 2), (2, 3, 4), (4, 5, 0))]
        return w.gate(OR, pairs)

    exact = solved(write, [0.01] * 6, cut_sets=False)
    found = solved(write, [0.01] * 6, cut_sets=False, limits=logic.Limits(nodes=8, made=2))
    assert found.outcome == "bounded"
    assert 0.0 < found.lower[0] <= exact.probability[0] <= found.upper[0] < 2.1 * exact.probability[0]


def test_an_order_that_waits_for_the_next_round_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds so short that both orders stop several times; the diagram is that of one run from beginning to end."""
    whole = triples(22, 40, 0.1)
    monkeypatch.setattr(building, "ROUNDS", ((20, 8),))
    monkeypatch.setattr(building, "LONG_ROUNDS", (300, 1_000, 3_000, 1 << 62))
    found = triples(22, 40, 0.1)
    assert found.outcome == "exact"
    assert found.probability[0] == pytest.approx(whole.probability[0], rel=1e-12)
    assert found.birnbaum == pytest.approx(whole.birnbaum, rel=1e-9)


def test_a_gate_larger_than_the_table_gets_room_instead_of_being_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a gate has made so far belongs to no finished gate: dropped as dead each time, it would be made again without end."""
    monkeypatch.setattr(building, "COLLECT_ABOVE", 100)
    monkeypatch.setattr(building, "SIFT_WORK", 0)
    assert triples(26, 45, 0.1, limits=logic.Limits(made=100_000)).outcome == "exact"


def test_bounds_of_what_cannot_be() -> None:
    found = triples(26, 45, 0.0, limits=logic.Limits(nodes=20_000, made=3_000))
    assert (found.lower[0], found.upper[0]) == (0.0, 0.0)


def test_the_same_formula_gives_the_same_bytes() -> None:
    first, second = (solved(bridge, [0.1, 0.2, 0.3, 0.4, 0.5]) for _ in range(2))
    assert first.rows.tobytes() == second.rows.tobytes() and first.value.tobytes() == second.value.tobytes()


def test_evaluation_of_every_kind_of_gate() -> None:
    writer = Writer(3)
    tops = [writer.gate(op, [0, 2, 4], 2.0) for op in (AND, OR, THRESHOLD, XOR, IFF)]
    formula: Formula = writer.formula([*tops, TRUE, FALSE])
    assert logic.evaluate(formula, np.array([True, True, False])).tolist() == [False, True, True, False, False, True, False]
    assert logic.evaluate(formula, np.array([[False] * 3, [True] * 3])).tolist() == [
        [False, False, False, False, True, True, False],
        [True, True, True, True, True, True, False],
    ]


def test_steps_of_factors_are_written_out_as_their_sums_say() -> None:
    writer = Writer(6)
    steps = [[(0, 0.5), (2, 0.2)], [(4, 0.3), (6, 0.25)], [(8, 1.0), (10, 0.1)]]  # literals; who is at the first step is at the second too
    top = written_out(steps, 0.6, writer.gate)
    written = writer.formula([top])
    for state in itertools.product((0, 1, 2), repeat=3):  # of each factor how many steps it has taken
        events = np.array([[taken == 2, taken >= 1] for taken in state]).ravel()
        lost = sum([0.0, shallow, deep][taken] for taken, ((_, deep), (_, shallow)) in zip(state, steps, strict=True))
        assert logic.evaluate(written, events)[0] == (lost >= 0.6)


def test_a_sum_of_very_many_weights_is_written_out() -> None:
    writer = Writer(3000)
    written = writer.formula([written_out([((2 * i, 1.0),) for i in range(3000)], 2.0, writer.gate)])
    events = np.zeros((2, 3000), bool)
    events[:, 7] = events[1, 2999] = True
    assert logic.evaluate(written, events)[:, 0].tolist() == [False, True]
