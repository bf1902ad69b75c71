"""The options of the language model app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option


def _decoding_option(default, help, **bounds):
    return option(default, help, group="Decoding", affects="answers", **bounds)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LanguageModelConfig(Config):
    """Options of a language model, its training, evaluation and answers."""

    dataset: str = option(
        "sample",
        "Name of a data set, or a text file of your own.",
        group="Data",
    )
    data_dir: str = option(
        "",
        "Folder of a public data set as published.",
        group="Data",
        affects="nothing",
    )
    level: str = option(
        "word",
        "Tokens of the text: words, separated by white space, or characters.",
        group="Data",
        choices=["word", "character"],
    )
    vocabulary_size: int = option(
        10_000,
        "Number of tokens in the vocabulary, the most frequent ones, "
        "including <unk> and the end of a line; 0 for all.",
        group="Data",
        minimum=0,
    )
    backward: bool = options.backward(
        "Read each line from its last token to its first, and continue texts "
        "to the left."
    )
    embedding_size: int = option(
        128,
        "Size of the token embeddings and of the last recurrent layer.",
        group="Model",
        minimum=1,
    )
    cell: str = options.cell()
    units: int = option(
        128,
        "Units of each recurrent layer except the last.",
        group="Model",
        minimum=1,
    )
    depth: int = options.depth()
    tied: bool = option(
        True,
        "Share the weights of the embedding and the softmax.",
        group="Model",
    )
    dropout: float = options.share(
        0.0, "Dropout rate of the last layer's outputs.", group="Model"
    )
    input_dropout: float = options.share(
        0.0, "Dropout rate of the token embeddings.", group="Model"
    )
    hidden_dropout: float = options.share(
        0.0, "Dropout rate between the recurrent layers.", group="Model"
    )
    locked_dropout: bool = option(
        True,
        "Use one dropout mask for all steps of a window.",
        group="Advanced",
    )
    embedding_dropout: float = options.share(
        0.0, "Share of the vocabulary dropped from each batch.", group="Model"
    )
    weight_dropout: float = options.share(
        0.0, "Dropout rate of the recurrent weights.", group="Model"
    )
    activation_penalty: float = option(
        0.0,
        "Weight of the L2 penalty on the last layer's outputs.",
        group="Advanced",
        minimum=0,
    )
    change_penalty: float = option(
        0.0,
        "Weight of the L2 penalty on the change of these outputs per step.",
        group="Advanced",
        minimum=0,
    )
    weight_decay: float = option(
        0.0, "Decoupled weight decay.", group="Advanced", minimum=0
    )
    softmax_samples: int = option(
        0,
        "Tokens drawn for a sampled softmax in training; 0 for the full "
        "softmax.",
        group="Advanced",
        minimum=0,
        former_name="samples",
    )
    unroll_steps: int = option(
        35,
        "Tokens of a training window: truncated backpropagation through time.",
        group="Training",
        minimum=1,
    )
    vary_unroll: bool = option(
        False,
        "Vary the length of the windows around --unroll_steps.",
        group="Advanced",
    )
    optimizer: str = option(
        "adam",
        "Optimizer; nt_asgd is SGD that averages its weights once the "
        "validation loss stalls.",
        group="Training",
        choices=["adam", "sgd", "nt_asgd"],
    )
    learning_rate: float = option(
        1e-2, "Initial learning rate.", group="Training", minimum=0
    )
    learning_rate_decay: float = option(
        0.0,
        "Factor of the learning rate per epoch after --full_epochs; 0 for a "
        "cosine schedule.",
        group="Training",
        minimum=0,
        maximum=1,
        former_name="decay",
    )
    full_epochs: int = option(
        1,
        "With --learning_rate_decay: epochs at the initial learning rate.",
        group="Training",
        minimum=1,
    )
    batch_size: int = option(
        32,
        "Streams of the text that are read in parallel.",
        group="Training",
        minimum=1,
    )
    epochs: int = option(
        10, "Passes over the training text.", group="Training", minimum=1
    )
    ngram_order: int = option(
        5,
        "Length of the longest n-grams of the baselines.",
        group="Evaluation",
        affects="nothing",
        minimum=1,
        former_name="order",
    )
    cache_size: int = option(
        0,
        "With evaluate: tokens in a continuous cache; 0 for no cache.",
        group="Evaluation",
        affects="nothing",
        minimum=0,
    )
    dynamic: bool = option(
        False,
        "With evaluate: also report dynamic evaluation, which keeps training "
        "on the text it reads.",
        group="Evaluation",
        affects="nothing",
    )
    plot: bool = option(
        False,
        "With evaluate: plot the loss by position and by word frequency in "
        "<run_dir>/plots/losses.png.",
        group="Evaluation",
        affects="nothing",
    )
    temperature: float = _decoding_option(
        0.8, "Sampling temperature; 0 is greedy decoding.", minimum=0
    )
    top_k: int = _decoding_option(
        0, "Sample from the k most probable tokens; 0 for all.", minimum=0
    )
    top_p: float = _decoding_option(
        0.95,
        "Nucleus sampling: sample from the most probable tokens whose "
        "probabilities add up to this.",
        minimum=0,
        maximum=1,
    )
    repetition_penalty: float = _decoding_option(
        1.0,
        "Divisor of the logits of tokens that occurred before; 1 for no "
        "penalty.",
        minimum=0.01,
        maximum=100,
    )
    length: int = _decoding_option(
        40,
        "With predict: maximum number of generated tokens.",
        minimum=0,
        maximum=10_000,
    )
    page_length: int = option(
        300,
        "With generate: number of generated tokens.",
        group="Prediction",
        affects="nothing",
        minimum=0,
        maximum=10_000,
    )
