"""``dmsim rules``: why the rules decide as they do, and whether a table holds."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmsim.cli.console import console_progress, print_json
from dmsim.cli.options import AllowHostOption, JsonOption
from dmsim.errors import ExitCode, InvalidRunError
from dmsim.rules.facts import Circumstances, ContentFacts, PairFacts, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dmsim.rulebook.check import Result
    from dmsim.rulebook.coverage import Coverage, Covered
    from dmsim.rulebook.explain import Explanation
    from dmsim.rulebook.weave import Question

_EXPLAIN_EXAMPLES = """\b
Examples:
  dmsim rules explain --sender age=15
  dmsim rules explain --sender kind=brand --recipient setting=friends,allow_business=true
  dmsim rules explain --action share_content --pair thread=accepted --content private=true
  dmsim rules explain --sender age=16 --set policy.minimum_age=17 --json
  dmsim rules explain --action private_reply --circumstances comment_minutes=10080
"""


def _listed(fields: Sequence[str]) -> str:
    """Names of keys in lines that fit beside their heading."""
    beside = " " * 21
    lines = wrap(", ".join(fields), 78, initial_indent=beside, subsequent_indent=beside)
    return "\n".join(lines).lstrip()


_EXPLAIN_KEYS = f"""\b
Keys:
  sender, recipient  {_listed(Side._fields)}
  pair               {_listed(PairFacts._fields)}
  content            {_listed(ContentFacts._fields)}
  circumstances      {_listed(Circumstances._fields)}

"""
_CHECK_EXAMPLES = """\b
Examples:
  dmsim rules check mine.toml
  dmsim rules check tests/requirements/*.toml --json
  DMSIM_TOKEN=secret dmsim rules check mine.toml --host http://127.0.0.1:8000
"""

_COVERAGE_EXAMPLES = """\b
Examples:
  dmsim rules coverage mytrace
  dmsim rules coverage reports/*/trace --json
  dmsim rules coverage reports/mytrace --replay reports/mytrace/replay
"""

#: As many rows as are worth naming one by one.
_FEW = 20

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def rules() -> None:
    """Explain a verdict, hold the rules or a backend to a table, see what a trace exercises."""


def _part(option: str, example: str, what: str) -> Any:
    return typer.Option(
        option,
        metavar="KEY=VALUE,...",
        help=f"{what}, e.g. {example}; may be repeated.",
        show_default=False,
    )


@app.command(epilog=_EXPLAIN_KEYS + _EXPLAIN_EXAMPLES)
def explain(
    action: Annotated[
        str, typer.Option("--action", metavar="ACTION", help="What the sender does.")
    ] = "send_message",
    sender: Annotated[
        list[str] | None, _part("--sender", "age=15,standing=warned", "Who acts")
    ] = None,
    recipient: Annotated[
        list[str] | None, _part("--recipient", "setting=friends", "The other account")
    ] = None,
    pair: Annotated[
        list[str] | None, _part("--pair", "thread=accepted", "What stands between the two")
    ] = None,
    content: Annotated[
        list[str] | None, _part("--content", "kind=video,private=true", "What is sent or used")
    ] = None,
    circumstances: Annotated[
        list[str] | None, _part("--circumstances", "device_banned=true", "Facts of single actions")
    ] = None,
    via: Annotated[
        str | None,
        typer.Option("--via", metavar="PATH", help="The path through the interface."),
    ] = None,
    policy: Annotated[
        list[str] | None, _part("--set", "policy.minimum_age=17", "Where the policy differs")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the verdict on an action and the chain of rules that led to it.

    Facts that are not told are the usual ones: two registered adults who do not know each other,
    the recipient open to everyone, a text; a brand where only brands act. In the chain, "decides"
    marks the rule whose answer is the verdict, "because" the question that made it so; R-numbers
    are statements of the sources, Q-numbers points that they leave open.
    """
    from dmsim.rulebook.assignments import action_told, facts_told, policy_told
    from dmsim.rulebook.explain import explain

    told = action_told(action)
    parts = {
        "sender": sender or (),
        "recipient": recipient or (),
        "pair": pair or (),
        "content": content or (),
        "circumstances": circumstances or (),
    }
    explanation = explain(told, facts_told(told, parts, via), policy_told(policy or ()))
    if as_json:
        print_json(explanation.as_json())
    else:
        _show_explanation(explanation)


@app.command(epilog=_CHECK_EXAMPLES)
def check(
    tables: Annotated[
        list[Path],
        typer.Argument(metavar="TABLE.toml...", help="Tables of rows.", show_default=False),
    ],
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="URL",
            help="Hold this running reference backend to the tables instead of the rules; its "
            "master token comes from ${DMSIM_TOKEN}.",
            show_default=False,
        ),
    ] = None,
    allow_host: AllowHostOption = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Empty a backend that holds something.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Hold the rules, or a running backend, to tables that somebody else wrote.

    A table is a TOML file of rows; facts that a row does not tell are the usual ones:

    \b
      [[row]]
      rules = ["R91"]
      what = "who is blocked cannot write"
      action = "send_message"
      facts = { sender_age = 30, recipient_blocks = true, content_kind = "text" }
      policy = { blocker_may_send = true }
      verdict = "refused"
      reason = "blocked"

    The exit code is 0 if every row that was asked holds, 1 if one does not, 4 if none could be
    asked, 5 if a table cannot be read.
    """
    from dmsim.rulebook.check import check_rules
    from dmsim.rulebook.table import read_tables

    rows = read_tables(tables)
    if host is None:
        results = check_rules(rows)
    else:
        from dmsim.rulebook.server_check import check_server

        results = check_server(rows, host, allow_host or (), reset=reset)
    if all(result.got is None for result in results):
        raise InvalidRunError(f"none of {len(results)} rows was asked: {results[0].why_not}")
    failing = [result for result in results if result.fails]
    if as_json:
        print_json(_check_as_json(results))
    else:
        _show_check(results, failing, host or "the rules")
    raise typer.Exit(int(ExitCode.MISMATCH if failing else ExitCode.PASS))


@app.command(epilog=_COVERAGE_EXAMPLES)
def coverage(
    traces: Annotated[
        list[Path],
        typer.Argument(metavar="TRACE...", help="Folders of traces.", show_default=False),
    ],
    replays: Annotated[
        list[Path] | None,
        typer.Option(
            "--replay",
            metavar="RESULTS",
            help="Results of a replay of one of the traces, whose judgements count; without any, "
            "the reference backend in this process judges.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Count how often each requirement was exercised and judged.

    That is those on direct messages (R1-R100), on what brands send (R121-R123) and on private
    replies and care (R129-R187).

    A requirement is traced if each of its parts was exercised and judged, broken if a replay found
    a mismatch in one, proved if a test shows what a trace cannot, context if there is nothing to
    enforce, and else missing. The exit code is 1 if a replay found mismatches, or the reference
    backend comes to another verdict than a trace; what is missing leaves it at 0.
    """
    from dmsim.rulebook.coverage import cover

    with console_progress() as progress:
        found = cover(traces, replays or (), progress)
    if as_json:
        print_json(found.as_json())
    else:
        _show_coverage(found)
    raise typer.Exit(
        int(ExitCode.MISMATCH if found.disagreements or found.mismatches else ExitCode.PASS)
    )


def _show_coverage(found: "Coverage") -> None:
    from collections import Counter

    from rich.console import Console
    from rich.table import Table

    table = Table("rule", "what it says", "status")
    table.add_column("exercised", justify="right")
    table.add_column("judged", justify="right")
    table.add_column("never seen, or its proof")
    for covered in found.covered:
        requirement = covered.requirement
        traced = bool(requirement.parts)
        table.add_row(
            requirement.number,
            requirement.says,
            covered.status,
            f"{sum(covered.happened.values()):,}" if traced else "",
            f"{sum(covered.judged.values()):,}" if traced else "",
            _remark(covered),
        )
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(table)
    statuses = Counter(covered.status for covered in found.covered)
    told = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    console.print(
        f"{told}; {found.judged:,} of {found.actions:,} actions judged, "
        f"{found.mismatches:,} mismatches"
    )
    for path, seq in found.disagreements[:_FEW]:
        console.print(f"{path}: seq {seq}: the rules come to another verdict than the trace")


def _remark(covered: "Covered") -> str:
    if covered.status == "broken":
        return f"{covered.mismatches:,} mismatches"
    return ", ".join(covered.missing) if covered.status == "missing" else covered.requirement.proof


def _show_explanation(explanation: "Explanation") -> None:
    from rich.console import Console

    from dmsim.vocabulary import Reason, word

    verdict, reason = explanation.verdict, explanation.reason
    said = word(verdict) if reason == Reason.NONE else f"{word(verdict)}: {word(reason)}"
    why = explanation.because or explanation.decided_by
    chain = [
        (_mark(explanation, question), "  " * depth + _asked(question), question)
        for depth, question in _questions(explanation.chain)
    ]
    width = max(len(asked) for _, asked, _ in chain)
    answers = max(len(_answer(question)) for _, _, question in chain)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(said, style="bold")
    console.print(f"{why.states}\n")
    for mark, asked, question in chain:
        entry = question is explanation.chain and not mark
        numbers = "" if entry else " ".join(question.numbers)
        line = f"{mark:9}{asked:{width}}  {_answer(question):{answers}}  {numbers}"
        console.print(line.rstrip(), style="bold" if mark else None)


def _mark(explanation: "Explanation", question: "Question") -> str:
    if question is explanation.decided_by:
        return "decides"
    return "because" if question is explanation.because else ""


def _asked(question: "Question") -> str:
    return f"{question.rule} ({question.about})" if question.about else question.rule


def _questions(question: "Question", depth: int = 0) -> "Iterator[tuple[int, Question]]":
    yield depth, question
    for asked in question.asked:
        yield from _questions(asked, depth + 1)


def _answer(question: "Question") -> str:
    from dmsim.rulebook.explain import answer_of

    answer = answer_of(question)
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    words = answer if isinstance(answer, list) else [answer]
    return ", ".join(word for word in words if word != "none") or "-"


def _show_check(results: "list[Result]", failing: "list[Result]", held: str) -> None:
    for result in failing:
        row = result.row
        typer.echo(f"{row.place} ({', '.join(row.rules)}): {row.what}")
        typer.echo(f"  expected {_told(result.expected)}, got {_told(result.got or {})}")
    left_out: dict[str, list[Result]] = {}
    for result in results:
        if result.got is None:
            left_out.setdefault(result.why_not, []).append(result)
    for why_not, those in left_out.items():
        typer.echo(f"not asked ({len(those)}): {why_not}")
        if len(those) <= _FEW:
            for result in those:
                typer.echo(f"  {result.row.place}: {result.row.what}")
    holding = sum(result.holds for result in results)
    typer.echo(f"{holding} of {holding + len(failing)} rows hold for {held}")


def _told(answer: dict[str, Any]) -> str:
    from dmsim.scenario.complaint import literal

    return ", ".join(
        value if isinstance(value, str) else f"{name} {literal(value)}"
        for name, value in answer.items()
    )


def _check_as_json(results: "list[Result]") -> dict[str, Any]:
    rows = [
        {
            "file": result.row.file,
            "kind": result.row.kind,
            "row": result.row.number,
            "rules": list(result.row.rules),
            "what": result.row.what,
            "expected": result.expected,
            "got": result.got,
            "why_not_asked": result.why_not or None,
            "holds": result.holds,
        }
        for result in results
    ]
    return {
        "rows": len(results),
        "hold": sum(result.holds for result in results),
        "fail": sum(result.fails for result in results),
        "not_asked": sum(result.got is None for result in results),
        "results": rows,
    }
