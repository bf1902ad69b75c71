"""Scripts that put no spaces between words."""

import re

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN += "\U00020000-\U0003134f"
_KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
# Thai, Lao, Tibetan, Burmese and Khmer.
_OTHER = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff"

UNSPACED = re.compile(f"[{_HAN}{_KANA}{_OTHER}]")
KANA = re.compile(f"[{_KANA}]")
OTHER = re.compile(f"[{_OTHER}]")


def unspaced_script(text: str) -> str:
    """Returns "chinese", "japanese" or "other"; "" for words with spaces.

    The script is that of most letters; a text with kana is Japanese.
    """
    unspaced = len(UNSPACED.findall(text))
    # One of their characters stands for several letters.
    if 4 * unspaced <= sum(map(str.isalpha, text)):
        return ""
    if 2 * len(OTHER.findall(text)) > unspaced:
        return "other"
    # Chinese texts quote Japanese names.
    is_japanese = 10 * len(KANA.findall(text)) > unspaced
    return "japanese" if is_japanese else "chinese"


def spaced(text: str) -> str:
    """Returns a text with spaces around each character of such a script."""
    return UNSPACED.sub(r" \g<0> ", text)
