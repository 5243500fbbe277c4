"""What to write where a command lacks an argument or an option that it needs."""

from typing import Any


def missing_line(error: Any) -> str:
    """All that a command lacks, and an example of it from its help; empty for other errors.

    Args:
        error: what Click raised; it knows the command and what was given.
    """
    context = getattr(error, "ctx", None)
    if context is None or type(error).__name__ != "MissingParameter":
        return ""
    # Click takes what was given before what was not, so the rest is missing.
    lacking = [
        param
        for param in context.command.params
        if param.required and context.params.get(param.name) is None
    ]
    words = [_written(param) for param in lacking]
    listed = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    remedy = _example(context.command) or f"see {context.command_path} --help"
    return f"{context.command_path}: missing {listed}; {remedy}"


def _written(param: Any) -> str:
    """An option or argument as in the usage line."""
    name = param.metavar or param.name.upper()
    return f"{param.opts[0]} {name}" if param.opts[0].startswith("-") else name


def _example(command: Any) -> str:
    """The first example of a command's help, if it has any."""
    _, _, examples = (command.help or "").partition("\nExample")
    lines = map(str.strip, examples.splitlines())
    return next((f"for example: {line}" for line in lines if line.startswith("dmsim ")), "")
