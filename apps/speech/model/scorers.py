"""What scores the transcripts in the beam, besides the network."""

import pathlib

import keras
import numpy as np

from common.errors import UserError
from common.generation.ctc import automaton
from common.generation.ctc import ngram_automaton
from common.generation.ctc.scorer import Scorer
from common.text import transcripts as transcripts_lib
from common.text.ngrams.kneser_ney import KneserNey
from common.text.ngrams.tokenized_text import TokenizedText

TRAINING = "transcripts"  # Value of options that need no file.
ORDER = 6  # Characters of the longest n-grams.
NGRAMS, WORDS = "ngrams.npz", "words.txt"


@keras.saving.register_keras_serializable("unroll")
class TrainingTranscripts(keras.layers.Layer):
    """The n-grams and words of the training transcripts; a file has them, too.

    A part of the model without weights.

    Args:
      characters: Of the transcripts.
    """

    def __init__(self, characters, **kwargs):
        super().__init__(**kwargs)
        self._characters = characters
        self.ngrams, self.words = None, []
        self.built = True

    def learn(self, transcripts):
        """Learns the n-grams and words of a list of texts."""
        self.ngrams = ngrams_of(transcripts, self._characters)
        self.words = sorted(set(" ".join(transcripts).split()))

    def save_assets(self, folder):
        """Writes them to the file of the model."""
        with (pathlib.Path(folder) / NGRAMS).open("wb") as file:
            np.savez(file, **self.ngrams._asdict())
        text = "\n".join(self.words)
        (pathlib.Path(folder) / WORDS).write_text(text, encoding="utf-8")

    def load_assets(self, folder):
        """Reads them from the file of the model."""
        with np.load(pathlib.Path(folder) / NGRAMS) as arrays:
            self.ngrams = automaton.Automaton(**arrays)
        text = (pathlib.Path(folder) / WORDS).read_text(encoding="utf-8")
        self.words = text.split("\n") if text else []

    def scorers(self, config):
        """Returns the scorers that the decoding options of a run name.

        Raises:
          UserError: A file cannot be read, or has no words that the model can
            write.
        """
        listed = []
        if config.language_model:
            ngrams = self.ngrams
            if config.language_model != TRAINING:
                lines = _lines("language_model", config.language_model)
                ngrams = ngrams_of(lines, self._characters)
            listed.append(Scorer(ngrams, config.language_weight))
        if config.word_bonus:
            counts = automaton.count_words(self._characters)
            listed.append(Scorer(counts, config.word_bonus))
        if config.word_list:
            words = self.words
            if config.word_list != TRAINING:
                lines = _lines("word_list", config.word_list)
                words = " ".join(lines).split()
            listed.append(Scorer(self._word_list(config.word_list, words)))
        return listed

    def _word_list(self, source, words):
        try:
            return automaton.from_words(words, self._characters)
        except UserError as error:
            raise UserError(f"--word_list={source}: {error}") from error


def ngrams_of(transcripts, characters):
    """Returns the automaton of the character n-grams of texts.

    Args:
      transcripts: List of texts; unknown characters are left out.
      characters: Of the model.
    """
    tokens = {c: token for token, c in enumerate(characters)}
    end = len(characters)
    rows = [
        [*(tokens[c] for c in text if c in tokens), end] for text in transcripts
    ]
    text = TokenizedText(
        np.array([token for row in rows for token in row]),
        np.array([len(row) for row in rows]),
    )
    model = KneserNey(text, end + 1, ORDER)
    return ngram_automaton.from_kneser_ney(model, range(end), end)


def _lines(name, path):
    """Returns the normalized lines of a file that an option names."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UserError(
            f"--{name}={path} cannot be read: {reason}. Name a text file, or "
            f"{TRAINING}."
        ) from error
    lines = list(filter(None, map(_normalized, text.splitlines())))
    if not lines:
        raise UserError(f"--{name}={path} has no words: check the file.")
    return lines


def _normalized(line):
    try:
        return transcripts_lib.normalize(line)
    except ValueError:  # It has no letters.
        return ""
