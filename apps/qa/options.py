"""The options of the question-answering app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class QAConfig(Config):
    """What can be asked of an answerer, and of its training."""

    dataset: str = option(
        "sample", "sample, babi, or a file MINE.txt in the format of bAbI."
    )
    tasks: str = option(
        "all", "Tasks to train on together: numbers such as 1,2,3, or all."
    )
    size: str = option(
        "1k",
        "Questions of each bAbI task for training.",
        choices=["1k", "10k"],
    )
    model: str = option(
        "entity_network",
        "Network that answers.",
        choices=["lstm", "memory_network", "entity_network"],
    )
    max_sentences: int = option(
        70, "Sentences read of a story: its last ones.", minimum=1
    )
    units: int = option(
        64,
        "Size of the state of the lstm, of a memory of the others.",
        minimum=1,
    )
    slots: int = option(
        10, "Memories of the entity_network, each for an entity.", minimum=1
    )
    hops: int = option(
        3, "How often the memory_network reads the story.", minimum=1
    )
    linear_epochs: int = option(
        10,
        "Epochs without softmax in the attention of the memory_network: its "
        "linear start.",
        minimum=0,
    )
    embedding_size: int = option(
        64, "Size of the word vectors of the lstm.", minimum=1
    )
    cell: str = option("lstm", "Cell of the lstm.", choices=options.CELLS)
    depth: int = option(1, "Recurrent layers of the lstm.", minimum=1)
    dropout: float = option(
        0.0,
        "Share of the features hidden in training.",
        minimum=0,
        maximum=0.9,
    )
    restarts: int = option(
        1,
        "Networks that are trained one after the other, from other weights; "
        "the best by validation loss is kept.",
        minimum=1,
    )
    epochs: int = option(20, "Passes over the training questions.", minimum=1)
    patience: int = option(
        20, "Epochs after the best one after which training stops.", minimum=1
    )
    learning_rate: float = option(
        1e-2, "Step size of Adam at the start; it falls to 0.", minimum=0
    )
    batch_size: int = option(64, "Questions per training step.", minimum=1)
    story: str = option(
        "",
        "With predict: a file with the story, a sentence a line, with numbers "
        "or without.",
        of_run=False,
    )
    explain: bool = option(
        False,
        "With predict: show how strongly each sentence was read, here and in "
        "<run_dir>/explanations.png.",
        of_run=False,
    )
    chat: bool = option(
        False,
        "With predict: tell a story and ask, line by line; `reset` begins "
        "anew.",
        of_run=False,
    )
