"""The options of the question-answering app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class QAConfig(Config):
    """Options of an answerer, its training and its answers."""

    tasks: str = option(
        "all",
        "Tasks to train on together: numbers such as 1,2,3, or all.",
        group="Data",
    )
    babi_size: str = option(
        "1k",
        "Training questions of each bAbI task.",
        group="Data",
        choices=["1k", "10k"],
        former_name="size",
    )
    model: str = option(
        "entity_network",
        "Network that answers.",
        group="Model",
        choices=["lstm", "memory_network", "entity_network"],
    )
    units: int = option(
        64,
        "Size of the state of the lstm, or of each memory of the other "
        "networks.",
        group="Model",
        minimum=1,
    )
    max_sentences: int = option(
        70,
        "Sentences read of each story; of a longer one, the last.",
        group="Model",
        minimum=1,
    )
    slots: int = option(
        10, "Memory slots of the entity_network.", group="Model", minimum=1
    )
    hops: int = option(
        3,
        "Times that the memory_network reads the story.",
        group="Model",
        minimum=1,
    )
    linear_epochs: int = option(
        10,
        "Linear start of the memory_network: epochs in which its attention "
        "has no softmax.",
        group="Training",
        minimum=0,
    )
    embedding_size: int = option(
        64, "Size of the word vectors of the lstm.", group="Model", minimum=1
    )
    cell: str = option(
        "lstm",
        "Recurrent cell of the lstm.",
        group="Model",
        choices=options.CELLS,
    )
    depth: int = option(
        1, "Recurrent layers of the lstm.", group="Model", minimum=1
    )
    dropout: float = options.dropout(0.0)
    epochs: int = option(
        20, "Passes over the training questions.", group="Training", minimum=1
    )
    patience: int = option(
        20,
        "Early stopping: epochs without improvement before training stops.",
        group="Training",
        minimum=1,
    )
    learning_rate: float = options.cosine_learning_rate(1e-2)
    story: str = option(
        "",
        "With predict and chat: file with the beginning of the story, one "
        "sentence per line; numbered lines are allowed.",
        group="Prediction",
        affects="nothing",
    )
    explain: bool = option(
        False,
        "With predict: show how strongly each sentence was read, on the "
        "terminal and in <run_dir>/extra/explanations.png.",
        group="Prediction",
        affects="nothing",
    )
