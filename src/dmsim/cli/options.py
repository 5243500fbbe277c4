"""The arguments and options that several commands share, and where their results go."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from dmsim.errors import UsageError
from dmsim.paths import check_writable

T = TypeVar("T")

ScenarioArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="Name of a packaged scenario (see 'dmsim scenarios') or path of a TOML file.",
        show_default=False,
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", help="Seed instead of the scenario's own.", show_default=False),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY.PATH=VALUE",
        help="Change one value of the scenario, e.g. population.persons=50k; may be repeated.",
        show_default=False,
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="Rules of another service: a TOML file with keys of seeds/policy.toml. "
        "It overrides the scenario's own [policy]; --set policy.KEY=VALUE overrides both.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Write one JSON object to standard output.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        help="Folder for what is written, instead of the one named above.",
        show_default=False,
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite an earlier run there.")]
HostOption = Annotated[
    str | None,
    typer.Option(
        "--host",
        metavar="URL",
        help="The backend; its master token comes from ${DMSIM_TOKEN}. "
        "Without it the reference backend is started for the run.",
        show_default=False,
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers",
        metavar="N",
        help="How many processes replay the trace together; one uses one core at most.",
    ),
]
SpeedOption = Annotated[
    float | None,
    typer.Option(
        "--speed",
        metavar="X",
        help="Simulated seconds per second instead of the scenario's own. At any but 1, what "
        "depends on elapsed time (penalties, presence, filtered requests) is judged only if the "
        "backend takes simulated time, as the one started without --host does.",
        show_default=False,
    ),
]
AdapterOption = Annotated[
    str,
    typer.Option(
        "--adapter",
        metavar="NAME|FILE",
        help="How actions become requests: by name (see 'dmsim adapter list'), or a .toml file.",
    ),
]
NoProvisionOption = Annotated[
    bool,
    typer.Option(
        "--no-provision",
        help="Do not fill the backend: it holds the trace's initial state already.",
    ),
]
ProvisionedOption = Annotated[
    Path | None,
    typer.Option(
        "--provisioned",
        metavar="FILE",
        help="Do not fill the backend: 'dmsim provision' did, and wrote this file.",
        show_default=False,
    ),
]
AllowHostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="HOST",
        help="A host that may be sent load although it is not this machine; may be repeated.",
        show_default=False,
    ),
]

CaOption = Annotated[
    str,
    typer.Option(
        "--ca",
        metavar="FILE",
        help="Certificates (PEM) to trust for an https backend, instead of the system's.",
        show_default=False,
    ),
]
ProxyOption = Annotated[
    str,
    typer.Option(
        "--proxy",
        metavar="URL",
        help="An HTTP proxy through which the backend is reached.",
        show_default=False,
    ),
]
InsecureOption = Annotated[
    bool,
    typer.Option("--insecure", help="Do not check the certificate of an https backend."),
]


def option_value(name: str, text: str, parse: Callable[[str], T]) -> T:
    """What an option says; an error names the option and what was written."""
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{name} {text}: {error}") from None


def check_place(option: str, file: Path) -> None:
    """Before the work, whether a file could be written there after it."""
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError(f"{file}: no file can be written there; choose another {option}")
    check_writable(file.parent)


def default_folder(name: str, seed: int) -> Path:
    """Where a run of a scenario goes unless told otherwise: ``reports/<name>-<seed>``."""
    return Path("reports") / f"{name}-{seed}"


def output_folder(default: Path, out: Path | None, force: bool) -> Path:
    """The folder a run may write to; it need not exist yet.

    Args:
        default: used when ``out`` is None.
        out: the user's ``--out``.
        force: the user's ``--force``: an earlier run there may be overwritten.

    Raises:
        UsageError: the place cannot be written to, or holds something and ``force`` is not given.
    """
    folder = default if out is None else out
    check_writable(folder)
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UsageError(f"{folder}: is not empty; choose another --out or overwrite with --force")
    return folder


def is_run_folder(folder: Path) -> bool:
    """Whether an earlier demo or gate ended here: a trace, and what its replay found."""
    from dmsim.trace.reader import is_trace

    return is_trace(folder / "trace") and (folder / "summary.json").is_file()


def fresh_run_folder(default: Path, out: Path | None, force: bool) -> Path:
    """As :func:`output_folder`; results of an earlier run there are taken away.

    So a run that fails never leaves the results of another one behind.
    """
    folder = output_folder(default, out, force)
    results = (
        "summary.json",
        "histograms.json",
        "judgements.parquet",
        "rows.parquet",
        "histograms.hlog",
    )
    for name in (*results, "report.html", "junit.xml", "summary.md"):
        (folder / name).unlink(missing_ok=True)
    return folder
