"""The colours of pictures, once for light paper and once for dark.

Plain CSS rules without custom properties: not every program that shows an SVG knows those.
"""

from collections.abc import Mapping

LIGHT = {
    "paper": "#fafaf8", "card": "#ffffff", "border": "#d3d7dd", "ink": "#1b2027",
    "muted": "#66707e", "line": "#98a1ad", "faint": "#c9ced6", "loop": "#7c4fd0",
    "complete": "#1f8a54", "failed": "#cf3a3a", "active": "#2768d8", "retry": "#b3741a",
    "halted": "#c4560e",
}  # fmt: skip

DARK = {
    "paper": "#14171c", "card": "#1d2128", "border": "#3b434e", "ink": "#e7eaef",
    "muted": "#9aa4b2", "line": "#6b7685", "faint": "#454e5a", "loop": "#b598f5",
    "complete": "#4cc38a", "failed": "#ff7b72", "active": "#6cb0ff", "retry": "#e0b040",
    "halted": "#ff9d5c",
}  # fmt: skip

ACCENTS = {
    "plain": "faint",
    "may-halt": "halted",
    "may-fail": "failed",
    "is-complete": "complete",
    "is-failed": "failed",
    "is-halted": "halted",
    "is-in_progress": "active",
    "is-retry": "retry",
    "is-waiting": "loop",
    "is-ready": "faint",
    "is-cancelled": "muted",
    "is-skipped": "muted",
    "is-undone": "muted",
}

_FONT = 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
_MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'

_SHAPES = {
    "text": f"font-family:{_FONT}",
    ".name": "font-size:17px;font-weight:650;text-anchor:middle",
    ".count": "font-size:12px;text-anchor:middle",
    ".title": "font-size:13px;font-weight:600",
    ".label": "font-size:11.5px",
    ".fn": f"font-size:11px;font-family:{_MONO}",
    ".mark,.why": "font-size:11px",
    ".end": "font-size:11px;paint-order:stroke;stroke-width:4px;stroke-linejoin:round",
    ".other": "stroke-dasharray:2 3",
    ".why": "font-weight:600;paint-order:stroke;stroke-width:4px;stroke-linejoin:round",
    ".edge,.back": "fill:none;stroke-width:1.4",
    ".many": "stroke-width:2.6",
    ".back": "stroke-width:1.6;stroke-dasharray:5 3.5",
    ".is-in_progress .card": "stroke-width:2",
    ".is-skipped,.is-cancelled": "opacity:.6",
}

_OUTLINED = ("is-complete", "is-failed", "is-halted", "is-in_progress", "is-retry")


def _painted(colour: Mapping[str, str]) -> dict[str, str]:
    return {
        ".paper": f"fill:{colour['paper']}",
        ".card": f"fill:{colour['card']};stroke:{colour['border']}",
        ".name,.title": f"fill:{colour['ink']}",
        ".count,.label,.fn,.mark": f"fill:{colour['muted']}",
        ".edge": f"stroke:{colour['line']}",
        ".tip": f"fill:{colour['line']}",
        ".back": f"stroke:{colour['loop']}",
        ".back-tip,.set": f"fill:{colour['loop']}",
        ".why": f"fill:{colour['loop']};stroke:{colour['paper']}",
        ".end": f"fill:{colour['muted']};stroke:{colour['paper']}",
        ".halt": f"fill:{colour['halted']}",
        ".fail,.rollback": f"fill:{colour['failed']}",
        **{f".{kind} .stripe": f"fill:{colour[role]}" for kind, role in ACCENTS.items()},
        **{f".{kind} .card": f"stroke:{colour[ACCENTS[kind]]}" for kind in _OUTLINED},
    }


def _css(rules: Mapping[str, str]) -> str:
    """Rules for the inside of a diagram only: in a web page they would reach all the rest too."""
    return "\n".join(
        f"{','.join(f'.{ROOT} {part}' for part in selector.split(','))}{{{body}}}"
        for selector, body in rules.items()
    )


ROOT = "runfox-diagram"
STYLE = (
    f"\n{_css(_SHAPES)}\n{_css(_painted(LIGHT))}\n"
    f"@media (prefers-color-scheme:dark){{\n{_css(_painted(DARK))}\n}}\n"
)
