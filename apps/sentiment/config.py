"""The options of the sentiment app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option
from common.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class SentimentConfig(Config):
    """Options of a classifier, its training and its answers."""

    columns: str = options.columns("label,text")
    label_separator: str = option(
        "",
        "Separator of the labels of a text in a file of your own, such as |: "
        "a text then has any number of them; if empty, it has one.",
        group="Data",
    )
    vocabulary_size: int = option(
        20_000,
        "Number of words in the vocabulary, the most frequent ones.",
        group="Model",
        minimum=1,
    )
    max_words: int = option(
        400,
        "Words read of a text: its first and last halves.",
        group="Model",
        minimum=2,
    )
    embedding_size: int = options.embedding_size(64)
    embeddings: str = option(
        "", "GloVe text file of initial word vectors.", group="Model"
    )
    cell: str = options.cell()
    units: int = options.units(64)
    depth: int = options.depth()
    bidirectional: bool = option(
        True, "Read each text in both directions.", group="Model"
    )
    backward: bool = options.backward(
        "Read texts from the last word to the first; not with --bidirectional."
    )
    pooling: str = option(
        "last",
        "How the states become one vector.",
        group="Model",
        choices=["last", "mean", "max", "mean_max"],
    )
    dropout: float = options.dropout()
    word_dropout: float = options.share(
        0.0, "Dropout rate of whole word vectors.", group="Model"
    )
    ngram_evidence: bool = option(
        False,
        "Also read the weights of n-grams in NB-SVM as features.",
        group="Model",
    )
    epochs: int = option(
        8, "Passes over the training texts.", group="Training", minimum=1
    )
    learning_rate: float = options.cosine_learning_rate(5e-3)
    class_weights: str = option(
        "",
        "Weights of the labels in the loss: balanced, or pairs such as "
        "spam=5,ham=1; equal if empty.",
        group="Training",
    )
    ensemble: str = options.ensemble("whose probabilities are averaged with")
    confusion_matrix: str = option(
        "",
        "With evaluate: .png file of the predicted against the true labels.",
        group="Evaluation",
        affects="nothing",
    )
    explain: bool = option(
        False,
        "With predict: show the contribution of each word, on the terminal "
        "and in <run_dir>/extra/explanations.html.",
        group="Prediction",
        affects="nothing",
    )


def options_from_language_model(start):
    """Returns the options of a classifier that starts from a language model.

    Args:
      start: The options of the language model.

    Raises:
      UserError: A classifier cannot read texts as it does.
    """
    if start.level != "word":
        raise UserError(
            f"--start_from={start.run_dir} is a language model of characters, "
            "and a classifier reads words: pass one of --level=word."
        )
    if start.depth > 1 and start.units != start.embedding_size:
        raise UserError(
            f"--start_from={start.run_dir} is a language model with --units="
            f"{start.units} and --embedding_size={start.embedding_size}, and "
            "the layers of a classifier are of one size: pass one in which "
            "both are equal."
        )
    return {
        "cell": start.cell,
        "units": start.embedding_size,
        "depth": start.depth,
        "embedding_size": start.embedding_size,
        "bidirectional": False,
        "backward": start.backward,
    }
