"""One HTML file that needs nothing else: no network, no other file."""

from html import escape
from pathlib import Path

_ROOM = Path(__file__).parent
#: Forbids the page every request, whatever stands in its texts.
_NO_REQUESTS = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def page(title: str, body: str) -> str:
    """A whole page; ``title`` is escaped, ``body`` is HTML already."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_NO_REQUESTS}">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>\n{_part('page.css')}</style>\n</head>\n"
        f'<body>\n<main>\n{body}\n</main>\n<div id="tip"></div>\n'
        f"<script>\n{_part('page.js')}</script>\n</body>\n</html>\n"
    )


def _part(name: str) -> str:
    return (_ROOM / name).read_text(encoding="utf-8")
