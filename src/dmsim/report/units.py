"""Numbers as a reader of a report wants them."""

#: Stands where nothing was measured.
NOTHING = "\u2013"


_APART = "\u202f"


def count(number: float) -> str:
    """A whole number with thousands apart: ``12 345``."""
    return f"{number:,.0f}".replace(",", _APART)


def figure(number: float) -> str:
    """Any number: whole ones as :func:`count`, others with their decimals."""
    return count(number) if number == round(number) else f"{number:,g}".replace(",", _APART)


def share(part: float, whole: float) -> str:
    """A part of a whole in per cent, a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else NOTHING


def milliseconds(value: float | None) -> str:
    """Milliseconds with three digits that mean something, a dash without samples."""
    if value is None:
        return NOTHING
    if value >= 100:
        return count(value)
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def span(seconds: float | None) -> str:
    """A span of time in its natural unit: ``42 s``, ``12.5 min``, ``3.1 h``, ``2.0 d``."""
    if seconds is None:
        return NOTHING
    for bound, size, unit in ((60, 1, "s"), (3600, 60, "min"), (172_800, 3600, "h")):
        if seconds < bound:
            return f"{seconds / size:.3g} {unit}"
    days = seconds / 86_400
    return f"{days:.3g} d" if days < 100 else f"{count(days)} d"
