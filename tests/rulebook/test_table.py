"""Tables that people write: what they may say, and how a slip is told."""

from pathlib import Path

import pytest

from dmsim.errors import UsageError
from dmsim.rulebook.check import check_rules
from dmsim.rulebook.rows import Step, Who
from dmsim.rulebook.table import read_table
from dmsim.rulebook.usual import usual_facts
from dmsim.scenario import default_policy
from dmsim.vocabulary import Action, ContentKind, Kind, Reason, Standing, Thread, Verdict

HEAD = 'rules = ["R91"]\nwhat = "it is so"\n'


def table(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as raised:
        read_table(table(folder, text))
    told = str(raised.value)
    assert told.startswith(f"{folder / 'mine.toml'}")
    return told.removeprefix(f"{folder / 'mine.toml'}")


def test_a_row_that_says_no_facts_is_about_two_strangers(tmp_path: Path) -> None:
    (row,) = read_table(table(tmp_path, f'[[row]]\n{HEAD}verdict = "requests"'))
    assert row.given == (Action.SEND_MESSAGE, usual_facts(Action.SEND_MESSAGE))
    assert row.expected == (Verdict.REQUESTS, Reason.NONE)
    assert row.policy == default_policy()
    assert row.place == f"{tmp_path / 'mine.toml'}: row 1"


def test_facts_and_policy_are_taken_from_the_row(tmp_path: Path) -> None:
    text = """
[[row]]
rules = ["R58", "Q19"]
what = "a brand's fourth message"
action = "share_content"
facts = { sender_kind = "brand", thread = "requested", requested_count = 3, via = "profile" }
policy = { business_message_limit = 4 }
verdict = "refused"
reason = "business_limit"
"""
    (row,) = read_table(table(tmp_path, text))
    facts = row.given.facts
    assert (facts.sender.kind, facts.pair.thread) == (Kind.BRAND, Thread.REQUESTED)
    assert facts.content.kind == ContentKind.VIDEO
    assert row.policy == default_policy()._replace(business_message_limit=4)
    assert dict(row.changes) == {"business_message_limit": 4}


def test_facts_of_one_side_may_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    nice = f"""
[[row]]
{HEAD}
sender = {{ age = 15, follows = true }}
recipient = {{ setting = "friends" }}
content = {{ kind = "gif" }}
verdict = "refused"
reason = "under_age"
"""
    flat = f"""
[[row]]
{HEAD}
verdict = "refused"
reason = "under_age"
[row.facts]
sender_age = 15
sender_follows = true
recipient_setting = "friends"
content_kind = "gif"
"""
    assert read_table(table(tmp_path, nice))[0].given == read_table(table(tmp_path, flat))[0].given


def test_what_stands_between_the_two_may_stand_in_a_table_of_its_own(tmp_path: Path) -> None:
    begun = f'[[row]]\n{HEAD}verdict = "requests"\n'
    own = "pair = { recipient_follows = true }\ncircumstances = { device_banned = true }"
    flat = "facts = { recipient_follows = true, device_banned = true }"
    (told,) = read_table(table(tmp_path, begun + own))
    assert told.given == read_table(table(tmp_path, begun + flat))[0].given
    place = ': row 1 ("it is so"): '
    slip = complaint(tmp_path, begun + "pair = { device_banned = true }")
    assert slip.startswith(place + "pair.device_banned = true: unknown fact; known: sender_follows")
    twice = begun + flat + "\npair = { recipient_follows = true }"
    told_twice = "pair.recipient_follows = true: is told twice; keep one"
    assert complaint(tmp_path, twice) == place + told_twice


@pytest.mark.parametrize("kind", ["row", "story"])
def test_what_is_removed_has_one_reason_and_need_not_say_it(kind: str, tmp_path: Path) -> None:
    (row,) = read_table(table(tmp_path, f'[[{kind}]]\n{HEAD}verdict = "removed"'))
    assert row.expected == (Verdict.REMOVED, Reason.REMOVED)


def test_a_byte_order_mark_is_no_part_of_a_table(tmp_path: Path) -> None:
    (row,) = read_table(table(tmp_path, f'\ufeff[[row]]\n{HEAD}verdict = "requests"'))
    assert row.number == 1


def test_a_private_reply_is_a_brands_after_its_public_one() -> None:
    facts = usual_facts(Action.PRIVATE_REPLY)
    assert (facts.sender.kind, facts.circumstances.publicly_replied) == (Kind.BRAND, True)


def test_other_kinds_of_rows_ask_other_rules(tmp_path: Path) -> None:
    text = f"""
[[ladder]]
{HEAD}
violation = "severe"
violations = 2
standing = "view_only"
hours = [72, 168]

[[read_status]]
{HEAD}
age = 17
on = false
"""
    ladder, read_status = read_table(table(tmp_path, text))
    assert ladder.expected == (Standing.VIEW_ONLY, (72, 168), False)
    assert ladder.answer() == ladder.expected
    assert read_status.answer() == read_status.expected
    teens = default_policy()._replace(read_status_of_teens=True)
    assert read_status.answer(teens) != read_status.expected


def test_a_story_tells_what_happens_before(tmp_path: Path) -> None:
    text = f"""
[[story]]
{HEAD}
before = [{{ by = "recipient", action = "block_user" }}]
verdict = "refused"
reason = "blocked"
"""
    (story,) = read_table(table(tmp_path, text))
    assert story.needs_a_backend
    assert story.given.before == (Step(Who.RECIPIENT, Action.BLOCK_USER),)


ROW = f'[[row]]\n{HEAD}verdict = "requests"\n'
STORY = f'[[story]]\n{HEAD}verdict = "done"\n'
LADDER = f'[[ladder]]\n{HEAD}violation = "minor"\n'
#: Kinds of rows to which one more line is written.
BEGUN = {"row": ROW, "story": STORY, "ladder": LADDER}


@pytest.mark.parametrize(
    ("kind", "line", "told"),
    [
        (
            "row",
            "facts = { sender_agee = 15 }",
            'facts.sender_agee = 15: unknown fact; did you mean "sender_age"?',
        ),
        (
            "row",
            "facts = { sender_age = -1 }",
            "facts.sender_age = -1: must be a whole number, 0 or more",
        ),
        (
            "row",
            "facts = { sender_age = true }",
            "facts.sender_age = true: must be a whole number, 0 or more",
        ),
        ("row", "facts = { asked = 1 }", "facts.asked = 1: must be true or false"),
        (
            "row",
            'facts = { thread = "acepted" }',
            'facts.thread = "acepted": unknown word; did you mean "accepted"?',
        ),
        (
            "row",
            "facts = { thread = 2 }",
            "facts.thread = 2: unknown word; known: none, requested, accepted, deleted",
        ),
        ("row", "facts = 3", "facts = 3: must be a table, { key = value, … }"),
        (
            "row",
            "sender = { ages = 15 }",
            'sender.ages = 15: unknown fact; did you mean "sender_age"?',
        ),
        (
            "row",
            "sender = { age = 15 }\nfacts = { sender_age = 16 }",
            "sender.age = 15: is told twice; keep one",
        ),
        (
            "row",
            'action = "send_mesage"',
            'action = "send_mesage": unknown word; did you mean "send_message"?',
        ),
        ("row", "polici = { minimum_age = 17 }", 'polici: unknown key; did you mean "policy"?'),
        (
            "row",
            "policy = { minimum_ag = 17 }",
            'policy.minimum_ag = 17: unknown key; did you mean "minimum_age"?',
        ),
        (
            "row",
            "policy = { minimum_age = false }",
            "policy.minimum_age = false: must be a whole number, 0 or more",
        ),
        ("row", 'reason = "bloked"', 'reason = "bloked": unknown word; did you mean "blocked"?'),
        ("story", "before = [3]", "before.1 = 3: must be a table, { key = value, … }"),
        ("story", "before = [{ by = 'sender' }]", "before.1.action: is missing; add it"),
        (
            "story",
            "state = { sender_report = 1 }",
            'state.sender_report = 1: unknown key; did you mean "sender_reports"?',
        ),
        (
            "ladder",
            'standing = "warned"\nhours = "many"',
            'hours = "many": must be a whole number, 0 or more',
        ),
        (
            "ladder",
            'standin = "warned"',
            'standin = "warned": unknown key; did you mean "standing"?',
        ),
        ("ladder", "", "standing: is missing; add it"),
    ],
)
def test_a_slip_in_a_row_is_told_with_its_place_and_a_remedy(
    kind: str, line: str, told: str, tmp_path: Path
) -> None:
    place = f': {kind} 1 ("it is so"): '
    assert complaint(tmp_path, BEGUN[kind] + line) == place + told


NO_NUMBER = "no number of a requirement; there are R1 to R187 and Q1 to Q25"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[row]]\nrules = ["R91"]', ": row 1: what: must say in words what the row states"),
        (
            '[[row]]\nrules = ["R91"]\nwhat = 3',
            ": row 1: what = 3: must say in words what the row states",
        ),
        (
            '[[row]]\nwhat = "so"',
            ': row 1 ("so"): rules: must be numbers of requirements, such as ["R91"]',
        ),
        ('[[row]]\nrules = ["R188"]\nwhat = "so"', ': row 1 ("so"): rules = "R188": ' + NO_NUMBER),
        ('[[row]]\nrules = ["R09"]\nwhat = "so"', ': row 1 ("so"): rules = "R09": ' + NO_NUMBER),
        ("[[rows]]\n", ': [[rows]]: no kind of row; did you mean "row"?'),
        ("[row]\n", ": row: must be rows; write [[row]] above each"),
        ("", ": holds no row; write [[row]] above each"),
        (
            "[[row]\n",
            ":1: not valid TOML: Expected ']]' at the end of an array declaration; mend that line",
        ),
        pytest.param(
            f"row = {'1' * 5000}\n",
            ": holds a number of too many digits; shorten it",
            id="a number of 5000 digits",
        ),
    ],
)
def test_a_slip_in_the_table_is_told(text: str, told: str, tmp_path: Path) -> None:
    assert complaint(tmp_path, text) == told


def test_the_second_row_is_told_as_the_second(tmp_path: Path) -> None:
    assert complaint(tmp_path, ROW + ROW + "foo = 3").startswith(': row 2 ("it is so"): foo = 3: ')


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.toml: cannot be read \(No such file"):
        read_table(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_table(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"binary.toml: not UTF-8 \(byte 0\)"):
        read_table(binary)


def test_a_refusal_without_a_reason_may_have_any(tmp_path: Path) -> None:
    text = """
[[row]]
rules = ["R91"]
what = "who is blocked is refused, whatever for"
facts = { recipient_blocks = true }
verdict = "refused"

[[row]]
rules = ["R61"]
what = "a stranger is not refused"
verdict = "refused"

[[row]]
rules = ["R91"]
what = "the wrong reason"
facts = { recipient_blocks = true }
verdict = "refused"
reason = "no_one"
"""
    results = check_rules(read_table(table(tmp_path, text)))
    assert [result.holds for result in results] == [True, False, False]
