"""Language models, word lists and bonuses in the beam."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.speech.config import SpeechConfig
from apps.speech.model import scorers
from apps.speech.model.recognizer import Recognizer
from common.errors import UserError
from tests.apps.speech import conftest

TRANSCRIPTS = ["ab ba", "ba", "ab ab", "cab", "ab", "", "äb"]
BEST = "ac"  # By the network alone; "ab" is almost as probable.


def config_of(**options):
    return SpeechConfig(**{**conftest.SMALL, **options})


def create(**options):
    """Returns a recognizer of the transcripts, with decoding options."""
    keras.utils.set_random_seed(0)
    examples = tf.data.Dataset.from_tensor_slices(
        ({"audio": [b""] * len(TRANSCRIPTS)}, {"transcript": TRANSCRIPTS})
    )
    config = config_of(**options)
    model = Recognizer.create(config, examples, 2)
    model.build(None)
    return model.with_decoding(config)


def log_probs(model, rows):
    """Returns log probabilities of steps, each a dict of probabilities."""
    symbols = ["", *model.arguments.characters]
    probabilities = np.full([1, len(rows), len(symbols)], 1e-6, np.float32)
    for step, row in enumerate(rows):
        for symbol, probability in row.items():
            probabilities[0, step, symbols.index(symbol)] = probability
    return tf.math.log(probabilities)


def answer(model, rows):
    """Returns the transcript of hand-made probabilities."""
    search = model.decoder
    beams = search.advance(
        search.beams(1), log_probs(model, rows), tf.constant([len(rows)])
    )
    return search.ranked(beams)["transcript"][0].numpy().decode()


AMBIGUOUS = [{"a": 0.9, "": 0.1}, {"c": 0.5, "b": 0.45, "": 0.05}]


def test_the_network_alone_decides_without_scorers():
    assert answer(create(), AMBIGUOUS) == BEST


@pytest.mark.parametrize("option", ["word_list", "language_model"])
def test_training_transcripts_change_an_ambiguous_answer(option):
    assert answer(create(**{option: "transcripts"}), AMBIGUOUS) == "ab"


@pytest.mark.parametrize("option", ["word_list", "language_model"])
def test_a_file_changes_an_ambiguous_answer(option, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("Äc!\nAB ba\n\nab\n" * 3)
    if option == "word_list":
        path.write_text("\ufeffÄC\nab")  # As some editors write it.
    assert answer(create(**{option: str(path)}), AMBIGUOUS) == "ab"


def test_a_word_list_has_no_other_words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("cab\n")
    assert answer(create(word_list=str(path)), AMBIGUOUS) in ("", "cab")


def test_the_weight_of_the_language_model_counts():
    weak = create(language_model="transcripts", language_weight=0.0)
    assert answer(weak, AMBIGUOUS) == BEST


def test_the_bonus_favors_words():
    rows = [{"a": 1.0}, {"": 0.6, " ": 0.4}, {"b": 1.0}]
    assert answer(create(), rows) == "ab"
    assert answer(create(word_bonus=3.0), rows) == "a b"


@pytest.mark.parametrize("option", ["word_list", "language_model"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"caf\xe9", "cannot be read: it is not UTF-8"),
        (b"", "has no words"),
        (b"!\n--\n \n", "has no words"),
    ],
    ids=["missing", "latin-1", "empty", "marks"],
)
def test_a_file_that_is_of_no_use_is_named(option, content, message, tmp_path):
    path = tmp_path / "mine.txt"
    if content is not None:
        path.write_bytes(content)
    learned = scorers.TrainingTranscripts([" ", "a"])
    with pytest.raises(UserError, match=f"--{option}={path} {message}"):
        learned.scorers(config_of(**{option: str(path)}))


def test_a_word_that_the_model_cannot_write_is_named(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("ab\nxy\n")
    learned = scorers.TrainingTranscripts([" ", "a", "b"])
    with pytest.raises(UserError, match="'xy' has the character 'x'"):
        learned.scorers(config_of(word_list=str(path)))


def test_characters_that_the_model_cannot_write_are_left_out_of_ngrams():
    characters = [" ", "a", "b"]
    known = scorers.ngrams_of(["ab", "ba"], characters)
    more = scorers.ngrams_of(["axb", "ybaz"], characters)
    for first, second in zip(known, more, strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_file_of_a_model_has_ngrams_and_words(tmp_path):
    model = create()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.decoder.transcripts.words == ["ab", "ba", "cab", "äb"]
    for first, second in zip(
        loaded.decoder.transcripts.ngrams,
        model.decoder.transcripts.ngrams,
        strict=True,
    ):
        np.testing.assert_array_equal(first, second)
    options = {"language_model": "transcripts", "word_list": "transcripts"}
    loaded.with_decoding(config_of(**options))
    assert answer(loaded, AMBIGUOUS) == "ab"


def test_other_options_after_an_answer_are_refused(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("ab ba")
    options = {"beam_width": 4, "language_model": str(path)}
    model = create()
    model.with_decoding(config_of(**options))
    answer(model, AMBIGUOUS)
    model.with_decoding(config_of(**options))  # The same.
    for other in ({"beam_width": 5}, {"language_weight": 0.1}):
        with pytest.raises(RuntimeError, match="Load the model again"):
            model.with_decoding(config_of(**(options | other)))
