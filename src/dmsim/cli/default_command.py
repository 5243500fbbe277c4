"""A group of commands of which one, ``plan``, is meant where none is named."""

from typing import Any

from typer.core import TyperGroup

_PLAN = "plan"
#: No first sentence of a command is longer.
_WHOLE_SENTENCE = 200


class PlanByDefault(TyperGroup):
    """``dmsim staff SCENARIO`` is ``dmsim staff plan SCENARIO``, in its help as well.

    A flag of ``plan`` that is named as another command of the group asks for that command:
    ``dmsim staff SCENARIO --optimise`` is ``dmsim staff optimise SCENARIO``.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of a command first where there is none."""
        if args and args[0] not in (*self.commands, "--help"):
            args = [_PLAN, *args]
        if args and args[0] == _PLAN:
            for name in self._asked_by_flag():
                if f"--{name}" in args:
                    args = [name, *(word for word in args[1:] if word != f"--{name}")]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of ``plan``, then the names of all commands."""
        self.commands[_PLAN].format_help(ctx, formatter)
        rows = [
            (name, command.get_short_help_str(_WHOLE_SENTENCE))
            for name, command in self.commands.items()
        ]
        with formatter.section(f"Commands ('{ctx.command_path} COMMAND --help' shows more)"):
            formatter.write_dl(rows)

    def _asked_by_flag(self) -> list[str]:
        flags = {flag for option in self.commands[_PLAN].params for flag in option.opts}
        return [name for name in self.commands if f"--{name}" in flags]
