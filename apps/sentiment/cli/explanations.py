"""Explanations: the words behind a prediction, on a terminal or as HTML."""

import html
import string

GREEN, RED = (0, 150, 60), (210, 40, 40)

PAGE = string.Template("""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Explanations</title>
<style>
body { font: 1.1rem/1.8 Georgia, serif; max-width: 45rem; margin: 2rem auto;
       padding: 0 1rem; color: #222; }
.review { white-space: pre-wrap; overflow-wrap: anywhere; }
mark { border-radius: .2rem; padding: .1rem 0; color: inherit; }
b { font-family: sans-serif; font-size: .9rem; }
</style>
<h1>Which words decide</h1>
<p>Green words speak for <i>positive</i> (of other labels: for the first one
named), red words against it; deeper colors mean stronger contributions. Point
at a word to see its contribution to the log-odds (integrated gradients from a
text of zero vectors).</p>
$reviews
</html>
""")


def spans(
    text: str, words: list[str], values: list[float]
) -> list[tuple[str, float]]:
    """Cuts `text` into pieces, each with the value of the word it holds.

    Args:
      text: The original text.
      words: The words that the model read, in order; of a long text the
        first and the last ones.
      values: The contribution of each word.

    Returns:
      Pairs (piece, value) that join to `text`; 0.0 between the words.
    """
    plain = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    plain = plain.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    places, start, end = [], 0, len(plain)
    half = (len(words) + 1) // 2
    for word, value in zip(words[:half], values, strict=False):
        place = plain.find(word, start)
        if place >= 0:
            places.append((place, place + len(word), value))
            start = place + len(word)
    for word, value in zip(words[: half - 1 : -1], values[::-1], strict=False):
        place = plain.rfind(word, start, end)
        if place >= 0:
            places.append((place, place + len(word), value))
            end = place
    pieces, start = [], 0
    for begin, end, value in sorted(places):
        pieces += [(text[start:begin], 0.0), (text[begin:end], value)]
        start = end
    return [p for p in [*pieces, (text[start:], 0.0)] if p[0]]


def terminal(pieces: list[tuple[str, float]]) -> str:
    """Returns the text with words colored by ANSI escape sequences."""
    scale = _scale(pieces)
    parts = []
    for piece, value in pieces:
        if abs(value) < 0.1 * scale:
            parts.append(piece)
            continue
        red, green, blue = _color(value, scale)
        parts.append(f"\x1b[48;2;{red};{green};{blue}m\x1b[30m{piece}\x1b[0m")
    return "".join(parts)


def strongest(pieces: list[tuple[str, float]], count: int = 5) -> str:
    """Returns the words with the strongest contributions."""
    ordered = sorted(pieces, key=lambda piece: -abs(piece[1]))[:count]
    return ", ".join(f"{word} {value:+.2f}" for word, value in ordered if value)


def page(verdicts: list[tuple[str, list[tuple[str, float]]]]) -> str:
    """Returns HTML with a paragraph for each (verdict, pieces)."""
    reviews = []
    for verdict, pieces in verdicts:
        scale = _scale(pieces)
        marks = "".join(
            _mark(piece, value, scale) if value else html.escape(piece)
            for piece, value in pieces
        )
        reviews.append(
            f'<b>{html.escape(verdict)}</b>\n<p class="review">{marks}</p>'
        )
    return PAGE.substitute(reviews="\n".join(reviews))


def _mark(piece, value, scale):
    color = ",".join(map(str, _color(value, scale)))
    return (
        f'<mark style="background:rgb({color})" title="{value:+.3f}">'
        f"{html.escape(piece)}</mark>"
    )


def _scale(pieces):
    return max([abs(value) for _, value in pieces], default=0) or 1.0


def _color(value, scale):
    """Mixes white with green or red in proportion to the value."""
    target = GREEN if value > 0 else RED
    share = min(1.0, abs(value) / scale) * 0.7
    return tuple(round(255 + (c - 255) * share) for c in target)
