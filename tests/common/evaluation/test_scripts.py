"""The script of a text decides how it is cut into words."""

import pytest

from common.evaluation.metrics import scripts


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("The dog runs.", ""),
        ("Собака бежит.", ""),
        ("개가 달린다.", ""),
        ("The tea 抹茶 is green.", ""),
        ("", ""),
        ("...1984", ""),
        ("狗在跑。", "chinese"),
        ("狗在跑 (dog)。", "chinese"),
        ("他喜欢听的歌是日本的の歌曲他天天都听着这首歌", "chinese"),
        ("犬が0匹います。", "japanese"),
        ("イヌ", "japanese"),
        ("หมาวิ่งเร็ว", "other"),
    ],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert scripts.unspaced_script(text) == script
