"""A card as a page: Markdown with GitHub's tables, in a column as wide as a reader sees it, light or dark."""

from pathlib import Path

from markdown_it import MarkdownIt

WIDTH, HEIGHT = 1280, 900
"""Of a first screen, in pixels."""
COLUMN = 980
"""Of the text in it."""

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; background: light-dark(#fff, #0d1117); color: light-dark(#1f2328, #e6edf3);
  font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
main { width: 980px; margin: 0 auto; padding: 16px 0; overflow-wrap: break-word; }
h1 { font-size: 30px; margin: 0 0 12px; } h2 { font-size: 24px; margin: 24px 0 12px; } h3 { font-size: 20px; }
h1, h2 { border-bottom: 1px solid light-dark(#d1d9e0, #3d444d); padding-bottom: 6px; line-height: 1.25; }
p, table, pre, blockquote, ul { margin: 0 0 12px; }
blockquote { padding: 0 14px; color: light-dark(#59636e, #9198a1); border-left: 4px solid light-dark(#d1d9e0, #3d444d); }
table { border-collapse: collapse; display: block; width: max-content; max-width: 100%; overflow: auto; }
td, th { padding: 4px 12px; border: 1px solid light-dark(#d1d9e0, #3d444d); }
tr:nth-child(2n) { background: light-dark(#f6f8fa, #151b23); }
code { font: 85% ui-monospace, "DejaVu Sans Mono", monospace; background: light-dark(#eff1f3, #2a313c); padding: 2px 5px;
  border-radius: 6px; }
pre { background: light-dark(#f6f8fa, #151b23); padding: 12px; border-radius: 6px; overflow: auto; }
pre code { background: none; padding: 0; } a { color: light-dark(#0969da, #4493f8); } img { max-width: 100%; }
"""


def body(card: str) -> str:
    """Return a card without the front matter that the Hub reads."""
    return card.split("\n---\n", 1)[1] if card.startswith("---\n") else card


def html(card: str) -> str:
    """Return the page of a card."""
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(body(card))
    head = f"<head><meta charset='utf-8'><title>A card</title><style>{_STYLE}</style></head>"
    return f"<!doctype html><html lang='en'>{head}<main>{rendered}</main></html>"


def write(card: Path) -> Path:
    """Write the page of a card beside it, where its pictures are, and return the file."""
    page = card.with_suffix(".html")
    page.write_text(html(card.read_text(encoding="utf-8")), encoding="utf-8")
    return page
