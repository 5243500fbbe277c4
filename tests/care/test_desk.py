"""Who gets which work, when, and how much of it at once."""

from collections.abc import Generator
from itertools import islice, product

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.care.book import CaseBook
from dmsim.care.case import Case
from dmsim.care.desk import Desk
from dmsim.care.log import StaffHours
from dmsim.care.roster import Absences, duties
from dmsim.care.routing import default, find_routing
from dmsim.care.service import service_table
from dmsim.care.work import Agent, Available, Waiting, Work
from dmsim.errors import UsageError
from dmsim.scenario.care import WORK, RosterShift, ServiceTime, Team
from dmsim.scenario.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US, WEEK_US
from dmsim.simulation import simulate
from dmsim.vocabulary import Topic
from tests.care.desk_work import OTHER_PAGE, PAGE, Room, told

NOON = 12 * HOUR_US


def newest_first(waiting: Waiting, available: Available) -> tuple[Work, Agent] | None:
    """What came last goes first."""
    for work in reversed(list(waiting)):
        for agent in available.able(work):
            return work, agent
    return None


def always_the_same(waiting: Waiting, available: Available) -> tuple[Work, Agent] | None:
    """Work for an agent who is not there."""
    return next(iter(waiting)), Agent(99, frozenset(), frozenset())


def failing(waiting: Waiting, available: Available) -> tuple[Work, Agent] | None:
    """Divides by nothing."""
    raise ZeroDivisionError("nothing")


def looked_at(room: Room) -> list[int]:
    return [act.person for act in room.did("look")]


def test_the_most_urgent_work_goes_first_and_then_what_came_first() -> None:
    room = Room('team.priorities=["praise","complaint","question","spam","thread","escalation"]')
    topics = [Topic.SPAM, Topic.QUESTION, Topic.COMPLAINT, Topic.PRAISE, Topic.QUESTION]
    for number, topic in enumerate([*topics, *topics]):
        room.comment(NOON + number, number, number=number, topic=topic)
    assert looked_at(room.run(NOON + DAY_US)) == [0, 3, 8, 2, 7, 1, 4, 6, 9, 5]


def test_threads_go_before_comments_by_default() -> None:
    room = Room()
    for number in range(3):
        room.comment(NOON, number, number=number)
    room.message(NOON + 1, 50)
    room.run(NOON + HOUR_US)
    assert [act.person for act in room.did("look", "answer")] == [0, 50, 1, 2]


def test_only_who_has_the_skills_gets_the_work() -> None:
    room = Room(
        'team.roster={en={from="00:00", until="24:00", agents=1, languages=["en"]}, '
        'bank={from="00:00", until="24:00", agents=1, brands=["bank"]}}'
    )
    room.platform.russians = {1, 3}
    room.comment(NOON, 0, number=0)
    room.comment(NOON, 1, number=1)
    room.comment(NOON, 2, number=2, page=OTHER_PAGE)
    room.comment(NOON, 3, number=3, page=OTHER_PAGE)
    room.run(NOON + DAY_US)
    looks = {act.person: act.at for act in room.did("look")}
    # Nobody speaks Russian and knows the brand "beauty".
    assert looks == {0: NOON, 2: NOON, 3: NOON + 190 * SECOND_US}


def test_what_came_first_goes_first_whatever_its_brand() -> None:
    room = Room()
    for number, page in enumerate((PAGE, PAGE, OTHER_PAGE, PAGE, OTHER_PAGE)):
        room.comment(NOON + number, number, number=number, page=page)
    assert looked_at(room.run(DAY_US)) == [0, 1, 2, 3, 4]
    room = Room()
    for number, page in enumerate((PAGE, PAGE, OTHER_PAGE, OTHER_PAGE, PAGE)):
        room.comment(NOON + number, number, number=number, page=page)
    assert looked_at(room.run(DAY_US)) == [0, 1, 2, 3, 4]


def test_whoever_has_been_idle_longest_is_next() -> None:
    env = simpy.Environment()
    available = Available(threads=1)
    agents = [Agent(number, frozenset(), frozenset(), present=True) for number in range(3)]
    for agent in agents:
        available.add(agent)
    available.remove(agents[0])
    available.add(agents[0])
    waiting = Waiting(WORK)
    work = Work(0, case_of(0), "question", 0, env.event())
    waiting.add(work)
    assert default(waiting, available) == (work, agents[1])


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_an_agent_holds_so_many_threads_at_once_and_one_comment_among_them(threads: int) -> None:
    room = Room(f"team.threads={threads}", "team.slowdown=0")
    for person in range(4):
        room.comment(NOON, 10 + person, number=person)
    for person in range(4):
        room.message(NOON + 1, person)
    room.run(NOON + 5 * SECOND_US)
    begun = [act.what for act in room.did("read", "look")]
    assert begun == ["look", "read", "read"][:threads]


def test_nobody_works_when_nobody_is_on_duty() -> None:
    room = Room('team.roster={day={from="09:00", until="17:00", agents=1}}')
    for number, hour in enumerate((8, 9, 16, 17, 20)):
        room.comment(hour * HOUR_US + 1, number, number=number, topic=Topic.SPAM)
    looks = [act.at for act in room.run(2 * DAY_US).did("look")]
    assert looks[:3] == [9 * HOUR_US, 9 * HOUR_US + 10 * SECOND_US, 16 * HOUR_US + 1]
    assert looks[3:] == [33 * HOUR_US, 33 * HOUR_US + 10 * SECOND_US]


def test_what_is_at_hand_is_finished_after_the_shift() -> None:
    room = Room('team.roster={day={from="09:00", until="17:00", agents=1}}')
    room.comment(17 * HOUR_US - 1, 0)
    room.comment(17 * HOUR_US - 1, 1, number=1)
    room.run(40 * HOUR_US)
    assert [act.at for act in room.did("look")] == [17 * HOUR_US - 1, 33 * HOUR_US]
    assert room.did("private_reply")[0].at == 17 * HOUR_US - 1 + 190 * SECOND_US


def test_breaks_are_kept() -> None:
    room = Room(
        'team.roster={day={from="09:00", until="17:00", agents=1, '
        'breaks=[{at="12:00", lasts="30m"}]}}'
    )
    room.comment(NOON - 1, 0, topic=Topic.SPAM)
    room.comment(NOON + 1, 1, number=1, topic=Topic.SPAM)
    looks = [act.at for act in room.run(DAY_US).did("look")]
    assert looks == [NOON - 1, NOON + 30 * MINUTE_US]


def test_the_hours_of_the_staff_are_noted() -> None:
    room = Room(
        'team.roster={day={from="09:30", until="13:00", agents=2, '
        'breaks=[{at="11:45", lasts="30m"}]}}',
        "time.record=1d",
    )
    room.comment(10 * HOUR_US + 59 * MINUTE_US)
    room.comment(13 * HOUR_US + 1, 8, number=1)
    hours = room.run().team.staff_hours()
    assert hours.height == 24
    assert hours["at"].to_list() == [hour * HOUR_US for hour in range(24)]
    minutes = {
        name: [value / MINUTE_US for value in hours[name].to_list()][9:14]
        for name in ("scheduled", "present", "busy")
    }
    assert minutes["scheduled"] == [60, 120, 120, 120, 0]
    assert minutes["present"] == [60, 120, 90, 90, 0]
    assert minutes["busy"] == pytest.approx([0, 1, 130 / 60, 0, 0])
    assert hours["backlog"].to_list() == [0] * 13 + [1] * 11
    assert hours["older_than_1h"].to_list() == [0] * 14 + [1] * 10
    assert hours["older_than_4h"].to_list() == [0] * 17 + [1] * 7
    assert hours["older_than_24h"].to_list() == [0] * 24


def test_several_things_at_hand_are_one_agent_busy() -> None:
    room = Room("team.threads=2", "team.slowdown=0", "time.record=1d")
    room.message(NOON, 1)
    room.message(NOON + MINUTE_US, 2)
    hours = room.run().team.staff_hours()
    assert hours["busy"].to_list()[12] == 4 * MINUTE_US
    assert hours["scheduled"].to_list() == [HOUR_US] * 24
    assert room.team.staff_hours().equals(hours)


def test_shrinkage_takes_away_that_share_of_the_shifts() -> None:
    room = Room("team.agents=100", "team.shrinkage=0.3")
    hours = room.run().team.staff_hours()
    share = sum(hours["present"].to_list()) / sum(hours["scheduled"].to_list())
    assert share == pytest.approx(0.7, abs=0.03)
    assert hours["present"].n_unique() > 10


def test_one_more_agent_changes_nobody_elses_absences() -> None:
    def present(early: int, others: str = "") -> list[int]:
        late = '{from="12:00", until="24:00", agents=20}'
        first = f'{{from="00:00", until="12:00", agents={early}}}'
        room = Room(f"team.roster={{early={first}, {others} late={late}}}", "team.shrinkage=0.3")
        hours: list[int] = room.run().team.staff_hours()["present"].to_list()
        return [hour for n, hour in enumerate(hours) if n % 24 >= 12]

    few = present(20)
    assert present(21) == few
    assert present(20, 'noon={from="11:00", until="12:00", agents=5},') == few
    assert len(set(few)) > 3


def test_absences_differ_between_teams_shifts_places_and_days() -> None:
    days = list(islice(duties(shift(**{"from": "08:00", "until": "16:00"}), 0), 2))
    drawn = {
        (team, name, day.begin): tuple(
            Absences(5, team, name, 0.5).holds(place, day) for place in range(64)
        )
        for team, name, day in product(("beauty", "wallet"), ("early", "late"), days)
    }
    assert len(set(drawn.values())) == 8
    assert all(16 < sum(absent) < 48 for absent in drawn.values())


def test_idle_agents_who_cannot_help_are_tested_once_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tested: list[Agent] = []
    knows = Agent.knows

    def counted(agent: Agent, work: Work) -> bool:
        tested.append(agent)
        return knows(agent, work)

    monkeypatch.setattr(Agent, "knows", counted)
    waiting, available = Waiting(WORK), Available(threads=2)
    for number in range(300):
        available.add(Agent(number, frozenset({"en"}), frozenset(), present=True))
    waiting.add(Work(0, case_of(0, locale="ru"), "thread", 0, simpy.Environment().event()))
    assert default(waiting, available) is None
    assert len(tested) == 1


def test_a_hook_may_give_out_the_work_in_another_way() -> None:
    room = Room(f"team.routing={__name__}:newest_first")
    for number in range(5):
        room.comment(NOON + number, number, number=number, topic=Topic.SPAM)
    assert looked_at(room.run(DAY_US)) == [0, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("hook", "told_of"),
    [
        ("always_the_same", "may not take it"),
        ("failing", "ZeroDivisionError: nothing"),
    ],
)
def test_a_hook_that_does_wrong_is_told_of_in_one_line(hook: str, told_of: str) -> None:
    room = Room(f"team.routing={__name__}:{hook}")
    room.comment(NOON)
    with pytest.raises(UsageError) as caught:
        room.run()
    assert f'care.teams.beauty.routing = "{__name__}:{hook}"' in str(caught.value)
    assert told_of in str(caught.value)
    assert "mend the function" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told_of"),
    [
        ("no_such_module:f", "no_such_module cannot be imported"),
        ("dmsim.care.routing:no_such", "has no function no_such"),
        ("dmsim.care.routing:__name__", "has no function __name__"),
    ],
)
def test_a_hook_that_is_not_there_is_told_of_before_anything_is_simulated(
    name: str, told_of: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(UsageError) as caught:
        simulate(told(f"team.routing={name}"), tmp_path_factory.mktemp("out") / "trace")
    assert f'care.teams.beauty.routing = "{name}"' in str(caught.value)
    assert told_of in str(caught.value)
    assert "module:function" in str(caught.value)


def test_the_default_routing_has_a_name_of_its_own() -> None:
    assert find_routing("beauty", "dmsim.care.routing:default") is default


def case_of(number: int, page: int = PAGE, locale: str = "en") -> Case:
    return Case(number, number, page, number, number, Topic.QUESTION, locale, 0)


SKILLS = st.tuples(st.sampled_from([PAGE, OTHER_PAGE]), st.sampled_from(["en", "ru"]))
KNOWN = st.tuples(
    st.frozensets(st.sampled_from(["en", "ru"])), st.frozensets(st.sampled_from([PAGE, OTHER_PAGE]))
)


@settings(deadline=None)
@given(
    works=st.lists(st.tuples(st.sampled_from(WORK), SKILLS), max_size=12),
    gone=st.sets(st.integers(0, 11)),
    agents=st.lists(st.tuples(KNOWN, st.integers(0, 2), st.booleans()), max_size=5),
    priorities=st.permutations(WORK),
)
def test_the_default_equals_a_search_through_everything(
    works: list[tuple[str, tuple[int, str]]],
    gone: set[int],
    agents: list[tuple[tuple[frozenset[str], frozenset[int]], int, bool]],
    priorities: list[str],
) -> None:
    env = simpy.Environment()
    waiting, available = Waiting(priorities), Available(threads=3)
    all_work = [
        Work(number, case_of(number, *skill), kind, 0, env.event())
        for number, (kind, skill) in enumerate(works)
    ]
    everybody = [
        Agent(number, *known, at_hand=at_hand, commenting=commenting and at_hand > 0, present=True)
        for number, (known, at_hand, commenting) in enumerate(agents)
    ]
    for work in all_work:
        waiting.add(work)
    for agent in everybody:
        available.add(agent)
    for number in gone & set(range(len(all_work))):
        waiting.remove(all_work[number])
    left = [work for work in all_work if not work.gone]
    assert list(waiting) == left
    assert len(waiting) == len(left)
    urgent = sorted(left, key=lambda w: (priorities.index(w.kind), w.number))
    free = sorted(everybody, key=lambda a: (a.at_hand, a.commenting, a.number))
    assert list(available) == free
    able = [
        (work, agent)
        for work, agent in product(urgent, free)
        if agent.knows(work) and available.admits(agent, work)
    ]
    assert default(waiting, available) == (able[0] if able else None)


def shift(**told_of: object) -> RosterShift:
    return RosterShift.model_validate({"agents": 1, **told_of})


@pytest.mark.parametrize(
    ("times", "days", "now", "first"),
    [
        (("08:00", "16:00"), ["mon"], 0, (8, 16)),
        (("08:00", "16:00"), ["mon"], 8 * HOUR_US, (8, 16)),
        (("08:00", "16:00"), ["mon"], 16 * HOUR_US, (168 + 8, 168 + 16)),
        (("22:00", "06:00"), ["sun"], 0, (-2, 6)),
        (("22:00", "06:00"), ["mon", "tue"], 7 * HOUR_US, (22, 30)),
        (("00:00", "24:00"), ["wed"], 0, (48, 72)),
        (("06:00", "06:00"), ["mon"], WEEK_US, (168 + 6, 168 + 30)),
    ],
)
def test_a_shift_is_worked_on_its_days(
    times: tuple[str, str], days: list[str], now: int, first: tuple[int, int]
) -> None:
    told_of = shift(**{"from": times[0], "until": times[1], "days": days})
    duty = next(duties(told_of, now))
    assert (duty.begin, duty.end) == (first[0] * HOUR_US, first[1] * HOUR_US)
    assert duty.worked == ((duty.begin, duty.end),)


def test_a_shift_comes_back_every_week_in_the_order_of_days() -> None:
    told_of = shift(**{"from": "08:00", "until": "12:00", "days": ["fri", "mon", "fri"]})
    found = [duty.begin // HOUR_US for duty in islice(duties(told_of, 0), 4)]
    assert found == [8, 4 * 24 + 8, 168 + 8, 168 + 4 * 24 + 8]


@pytest.mark.parametrize(
    ("breaks", "worked"),
    [
        ([("02:00", "1h")], [(22, 26), (27, 30)]),
        ([("22:00", "1h")], [(23, 30)]),
        ([("05:00", "1h")], [(22, 29)]),
        ([("03:00", "1h"), ("23:00", "1h")], [(22, 23), (24, 27), (28, 30)]),
        ([("23:00", "2h"), ("00:00", "30m")], [(22, 23), (25, 30)]),
        ([("22:00", "8h")], []),
    ],
)
def test_breaks_cut_a_shift(breaks: list[tuple[str, str]], worked: list[tuple[int, int]]) -> None:
    told_of = [{"at": at, "lasts": lasts} for at, lasts in breaks]
    night = shift(**{"from": "22:00", "until": "06:00", "days": ["mon"], "breaks": told_of})
    duty = next(duties(night, 12 * HOUR_US))
    assert duty.worked == tuple((begin * HOUR_US, end * HOUR_US) for begin, end in worked)


@pytest.mark.parametrize("form", ["exponential", "lognormal", "fixed"])
@pytest.mark.parametrize("sigma", [0.3, 1.5])
def test_service_times_have_the_mean_that_was_told(form: str, sigma: float) -> None:
    told_of = ServiceTime.model_validate({"mean": "90s", "shape": form, "sigma": sigma})
    table = service_table(told_of)
    assert table.mean() == pytest.approx(90 * SECOND_US, rel=1e-6)
    assert (table.min() == table.max()) == (form == "fixed")


def test_what_is_finished_after_the_shift_is_overtime() -> None:
    """Nobody is busier than present: 40 minutes of work began at the shift's last minute."""
    hours = StaffHours("team", 0, 2 * HOUR_US)
    env = simpy.Environment()
    told = Team.model_validate({"brands": ["shop"], "agents": 1})
    desk = Desk(env, "team", told, find_routing("team", told.routing), hours)
    agent = Agent(0, frozenset(), frozenset())
    hours.present(0, HOUR_US, 1)
    desk.come([agent])
    case = CaseBook(1).by_comment(0, 1, 0, Topic.QUESTION, "en", 0)

    def work() -> Generator[simpy.Event, object, None]:
        yield env.timeout(59 * MINUTE_US)
        asked = desk.ask(case, "question")
        yield asked.taken
        yield desk.handle(asked, 40 * MINUTE_US)
        desk.done(asked)

    def leave() -> Generator[simpy.Event, object, None]:
        yield env.timeout(HOUR_US)
        desk.leave([agent])
        hours.backlog(HOUR_US, desk.waiting)

    env.process(work())
    env.process(leave())
    env.run(until=2 * HOUR_US)
    staff = hours.frame(2 * HOUR_US, desk.waiting)
    assert staff["busy"].to_list() == [1 * MINUTE_US, 39 * MINUTE_US]
    assert staff["present"].to_list() == [60 * MINUTE_US, 39 * MINUTE_US]


def test_hours_are_those_of_the_clock() -> None:
    hours = StaffHours("team", HOUR_US // 2, 2 * HOUR_US)
    hours.present(0, 2 * HOUR_US, 1)
    hours.backlog(HOUR_US, [])
    staff = hours.frame(2 * HOUR_US, [])
    assert staff["at"].to_list() == [0, HOUR_US]
    assert staff["present"].to_list() == [HOUR_US // 2, HOUR_US]
