"""Erlang's formulas where loads, patience and percentiles are extreme.

The figures were computed with sixty digits (mpmath), by other ways than those of the code. With μ
services and θ patiences per second, N agents and rate λ:

- the states: p(n+1) / p(n) = λ / (min(n+1, N) μ + max(n+1-N, 0) θ), summed from the full state down
  and from the largest term of the queue both ways; the share who wait is Σ p(n) over n ≥ N, the
  mean wait Σ (n-N) p(n) / λ, the share who leave θ times that;
- waits: with g(u) = λ (1 - e^(-θu)) / θ - N μ u, by quadrature,
  P(wait > t) = P(wait) e^(-θt) ∫_t e^g / ∫_0 e^g and P(answered after t) = P(wait) ∫_t e^(g-θu) /
  ∫_0 e^g; without patience P(wait) e^((λ-Nμ)t);
- percentiles: the root of P(wait > t) = 1 - percent / 100.
"""

from math import inf

import pytest

from dmsim.staffing.erlang import erlang_queue

#: Contacts per second, handling time, agents, patience, a wait; the shares who wait and who leave,
#: the mean wait, the share who wait longer than that wait; who are answered within it; the
#: percentiles 50 and 99.999999.
EXTREMES = (
    (10000.0, 1.0, 10001, inf, 0.01,
     0.9875568701565485, 0.0, 0.9875568701565485, 0.9777305151163395,
     0.02226948488366049, 0.6806259867267908, 18.40815955264397),
    (10000.0, 1.0, 10100, inf, 0.01,
     0.22476290646653221, 0.0, 0.0022476290646653223, 0.08268565242697704,
     0.917314347573023, 0.0, 0.16927971565077923),
    (10000.0, 1.0, 12000, inf, 0.001,
     5.668640460156444e-84, 0.0, 2.834320230078222e-87, 7.671670622417948e-85,
     1.0, 0.0, 0.0),
    (1000000.0, 1.0, 1000001, inf, 0.01,
     0.9987475895903478, 0.0, 0.9987475895903478, 0.9888098850313062,
     0.011190114968693841, 0.6918939852289451, 18.41942755114612),
    (1000000.0, 1.0, 1001000, inf, 0.001,
     0.22350182416901127, 0.0, 0.00022350182416901128, 0.08222172617609383,
     0.9177782738239062, 0.0, 0.01692234504334533),
    (1000000.0, 1.0, 1010000, inf, 0.0001,
     9.127866515415782e-24, 0.0, 9.127866515415782e-28, 3.357954432778678e-24,
     1.0, 0.0, 0.0),
    (10000.0, 1.0, 10000, 1.0, 0.01,
     0.5013298083399552, 0.003989389558962826, 0.003989389558962826, 0.15827741923396804,
     0.8385661898748494, 3.292107438289404e-05, 0.05658416310124351),
    (10000.0, 1.0, 9000, 10.0, 0.5,
     1.0, 0.1, 1.0, 0.951229424500714,
     0.0, 1.0490070818626946, 1.2405730705411337),
    (10000.0, 1.0, 10100, 1000.0, 0.01,
     0.22458914484926973, 2.2413996790389153e-06, 0.0022413996790389156, 0.08249727095183053,
     0.9175013101520467, 0.0, 0.1676982810073155),
    (1000000.0, 1.0, 999000, 0.01, 0.0001,
     0.17221619922434495, 0.0014348195553936375, 1.4348195553936375e-05, 0.05842749944711296,
     0.9404572461425809, 0.0, 0.0005555815427031942),
    (1000000.0, 1.0, 1001000, 100.0, 0.001,
     0.22181231311445418, 2.1758081437203964e-06, 0.00021758081437203965, 0.08040363221084378,
     0.9195949731558319, 0.0, 0.015561629050310355),
    (10.0, 1.0, 10, 1e-12, 1e-13,
     0.2145823431090327, 0.2145823431068869, 2.1458234310688689e-13, 0.19416213329468937,
     0.7854176568911715, 0.0, 1.688161901598784e-11),
    (10.0, 1.0, 11, 900000000.0, 1.0,
     0.6821182022800774, 7.579090959599854e-10, 0.6821181863639869, 0.2509372586065569,
     0.7490627409143531, 0.31059485719770646, 18.03812639934768),
    (3.0, 1.0, 3, 1e-06, 1e-06,
     0.34615452514620537, 0.346153486687303, 3.46153486687303e-07, 0.1273427512416497,
     0.6538461312858002, 0.0, 1.7359758668056415e-05),
    (1e-10, 1.0, 1, 1000.0, 0.5,
     9.999999999999001e-11, 9.990009991005003e-14, 9.990009991005003e-11, 6.06227470216688e-11,
     0.999999999939338, 0.0, 0.0),
    (1e-10, 1.0, 2, inf, 0.5,
     4.9999999997500005e-21, 0.0, 2.5000000000000002e-21, 1.839397205857212e-21,
     1.0, 0.0, 0.0),
    (1e-300, 1e+300, 2, 1e+300, 1e+299,
     0.2642411176571154, 0.10363832351432697, 1.0363832351432699e+299, 0.20746853060282353,
     0.7690500391448128, 0.0, 5.908574355561602e+300),
    (100.0, 1.0, 300, 50.0, 0.001,
     1.8231328444280394e-58, 1.8227683545180563e-62, 9.113841772590282e-61, 1.4926086583121136e-58,
     1.0, 0.0, 0.0),
    (0.05, 180.0, 8, 60.0, 20.0,
     0.534364419371816, 0.22774043665901367, 13.66442619954082, 0.2617097507380845,
     0.6096074790100551, 2.02895800958918, 323.130405605636),
    (100000000.0, 3600.0, 8000000, 1.0, 0.5,
     1.0, 0.9999777777777777, 0.9999777777777777, 0.6065306597126334,
     0.0, 0.6931471805599453, 10.785406185557521),
    (1000000.0, 1.0, 1000000, 1.0, 0.001,
     0.5001329807608725, 0.00039894224715624404, 0.00039894224715624404, 0.15861757263376122,
     0.8410667992373043, 3.329161205280264e-07, 0.005616615790078381),
    (10000.0, 1.0, 10000, 100000.0, 0.1,
     0.996856048633954, 2.5151787621067952e-05, 2.515178762106795, 0.9717074806397556,
     0.02829153507953172, 2.1250511398544893, 18.12094577853572),
    (10.0, 1.0, 10, 1000000000.0, 100.0,
     0.9999707966347309, 7.978591378836521e-06, 7978.591378836521, 0.9919922390311905,
     0.008007661370661036, 6744.634678518245, 57307.718135386516),
    (100.0, 1.0, 100, 100000.0, 180.0,
     0.9969289844205019, 0.0002515172384666173, 25.15172384666173, 1.2619836378810965e-08,
     0.9997484701423609, 21.24936064854593, 181.25295934762755),
    (100.0, 1.0, 100, 10000.0, 60.0,
     0.9903543959052493, 0.0007899783125328625, 7.899783125328625, 2.0190639361527346e-09,
     0.9992100196687241, 6.665174425804055, 57.33874562111979),
    (1000.0, 1.0, 999, 1000.0, 10.0,
     0.9891019835549784, 0.0012733371063254728, 1.2733371063254726, 1.558532029606705e-19,
     0.9987266628936745, 1.1878216553429306, 6.647722599885252),
)  # fmt: skip
#: Gammas with a parameter of a thousand million have no more digits.
DIGITS = 1e-11


@pytest.mark.parametrize("row", EXTREMES)
def test_extreme_desks_are_as_sixty_digits_say(row: tuple[float, ...]) -> None:
    rate, handle, agents, patience, wait, *figures = row
    waits, leaves, asa, longer, in_time, half, nearly_all = figures
    queue = erlang_queue(rate, handle, int(agents), patience)
    assert queue.p_wait == pytest.approx(waits, rel=1e-12, abs=0)
    assert queue.p_abandon == pytest.approx(leaves, rel=1e-12, abs=0)
    assert queue.asa_s == pytest.approx(asa, rel=1e-12, abs=0)
    assert queue.p_wait_exceeds(wait) == pytest.approx(longer, rel=DIGITS, abs=0)
    # What is left of 1 is right to the digits of 1.
    assert queue.service_level(wait) == pytest.approx(in_time, rel=0, abs=DIGITS)
    assert queue.occupancy == pytest.approx(min(rate * handle * (1 - leaves) / agents, 1))
    assert queue.wait_percentile_s(50) == pytest.approx(half, rel=1e-9, abs=0)
    # 100 less 99.999999 has no more digits.
    assert queue.wait_percentile_s(99.999999) == pytest.approx(nearly_all, rel=1e-9, abs=0)


@pytest.mark.parametrize("silent", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("rate", "patience"), [(0.2, 5e-324), (1e-160, 1e-300), (1e-300, 1.0)])
def test_figures_next_to_nothing_are_no_more_than_nothing(
    rate: float, patience: float, silent: float
) -> None:
    queue = erlang_queue(rate, 1.0, 1, patience, silent)
    assert queue.p_wait == pytest.approx(rate, rel=0.2)
    assert 0 <= queue.p_abandon <= queue.p_wait
    assert queue.asa_s <= patience * rate * (1 + 1e-9)
    assert queue.service_level(1.0) == pytest.approx(1 - queue.p_abandon)


@pytest.mark.parametrize(("rate", "handle", "patience"), [(1, 5e-324, 1), (1e300, 1, 1e9)])
def test_figures_beyond_all_numbers_are_refused(
    rate: float, handle: float, patience: float
) -> None:
    with pytest.raises(ValueError, match=r"handle_s|patience_s"):
        erlang_queue(rate, handle, 0, patience)


@pytest.mark.parametrize("patience", [0.0, 1e-300, 1.0, 1e9, inf])
def test_where_nobody_comes_nobody_waits(patience: float) -> None:
    queue = erlang_queue(0.0, 180.0, 3, patience)
    assert (queue.p_wait, queue.p_abandon, queue.asa_s, queue.occupancy) == (0, 0, 0, 0)
    assert queue.wait_percentile_s(99.999999) == 0
    assert set(queue.service_levels(0)) == {1}


@pytest.mark.parametrize(("rate", "patience"), [(1e-6, 1e-3), (3.0, 100.0), (1e4, 1e5)])
def test_where_nobody_sits_waits_are_patience(rate: float, patience: float) -> None:
    queue = erlang_queue(rate, 180.0, 0, patience)
    assert (queue.p_wait, queue.p_abandon, queue.occupancy) == (1, 1, 1)
    assert queue.asa_s == pytest.approx(patience, rel=1e-12)
    # P(wait > t) = e^(-θt): the medians and the last hundred-millionth of an exponential time.
    assert queue.wait_percentile_s(50) == pytest.approx(0.6931471805599453 * patience, rel=1e-9)
    last = 18.420680743952367 * patience
    assert queue.wait_percentile_s(99.999999) == pytest.approx(last, rel=1e-9)


@pytest.mark.parametrize("agents", [999_999, 1_000_000])
def test_a_million_erlang_at_or_above_capacity_wait_forever_if_nobody_leaves(agents: int) -> None:
    queue = erlang_queue(1e6, 1.0, agents)
    assert queue.is_overloaded
    assert (queue.p_wait, queue.asa_s, queue.service_level(1e9)) == (1, inf, 0)
    assert queue.wait_percentile_s(50) == queue.wait_percentile_s(99.999999) == inf
