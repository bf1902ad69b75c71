"""The arguments of a classifier."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a `Classifier`.

    Attributes:
      vocabulary: Words, the most frequent first.
      max_words: Words read of each text, half of them from its end.
      ngram_evidence: Whether the network also reads, for each word, the
        weights of the n-grams that end with it.
      embedding_size: Size of the word vectors.
      cell: See `layers.RecurrentStack`, as for the next three.
      units: Units in each direction.
      depth: Number of recurrent layers.
      bidirectional: Whether to read backwards, too.
      pooling: "last", "mean", "max" or "mean_max": how the states become one
        vector.
      dropout: Dropout rate of the summary.
      word_dropout: Dropout rate of whole word vectors.
      labels: Names of the classes; empty for positive and negative.
      label_separator: Between the labels of a text; empty if a text has one.
      backward: Whether texts are read from the last word to the first.
      pretrained: Whether embedding and recurrent layers are those of a language
        model. They then read words only: the n-gram evidence of all words is
        summed, and joins the summary.
    """

    vocabulary: list[str]
    max_words: int
    ngram_evidence: bool
    embedding_size: int
    cell: str
    units: int
    depth: int
    bidirectional: bool
    pooling: str
    dropout: float
    word_dropout: float
    labels: list[str] = dataclasses.field(default_factory=list)
    label_separator: str = ""
    backward: bool = False
    pretrained: bool = False
