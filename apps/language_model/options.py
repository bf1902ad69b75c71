"""The options of the language model app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option


def _share(default, help):
    return option(default, help, minimum=0, maximum=0.9)


def _of_answer(default, help, **bounds):
    return option(default, help, of_run=False, of_answer=True, **bounds)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LanguageModelConfig(Config):
    """What can be asked of a language model, and of its training."""

    dataset: str = option(
        "sample", "sample, ptb, wikitext-2, or a text file MINE.txt."
    )
    level: str = option(
        "word",
        "What the text is made of: what white space divides, or characters.",
        choices=["word", "character"],
    )
    vocabulary_size: int = option(
        10_000,
        "Most frequent tokens that are known, <unk> and the end of a line "
        "among them; 0: all.",
        minimum=0,
    )
    embedding_size: int = option(
        128, "Size of the token vectors, and of the last layer.", minimum=1
    )
    cell: str = option("lstm", "Recurrent cell.", choices=options.CELLS)
    units: int = option(128, "Size of the other layers.", minimum=1)
    depth: int = option(1, "Recurrent layers.", minimum=1)
    tied: bool = option(
        True, "Whether the token vectors are the weights of the softmax, too."
    )
    dropout: float = _share(
        0.0, "Share of the last layer's features hidden in training."
    )
    input_dropout: float = _share(0.0, "The same, of the token vectors.")
    hidden_dropout: float = _share(0.0, "The same, between the layers.")
    locked_dropout: bool = option(
        True, "Whether the same features are hidden at all steps of a window."
    )
    embedding_dropout: float = _share(
        0.0, "Share of the vocabulary hidden in training."
    )
    weight_dropout: float = _share(
        0.0, "Share of the recurrent weights hidden in training."
    )
    activation_penalty: float = option(
        0.0, "Weight of the mean square of the last layer.", minimum=0
    )
    change_penalty: float = option(
        0.0, "Weight of the mean square of its change in a step.", minimum=0
    )
    weight_decay: float = option(
        0.0, "What each step takes off the weights, times its size.", minimum=0
    )
    samples: int = option(
        0,
        "Tokens that the softmax is estimated from in training; 0: all.",
        minimum=0,
    )
    unroll_steps: int = option(
        35, "Tokens through which the gradient goes back.", minimum=1
    )
    vary_unroll: bool = option(
        False, "Whether that number varies, with this as its mean."
    )
    optimizer: str = option(
        "adam",
        "What makes steps of gradients; nt_asgd averages weights once the "
        "validation loss stalls.",
        choices=["adam", "sgd", "nt_asgd"],
    )
    learning_rate: float = option(
        1e-2, "Step size of the optimizer at the start.", minimum=0
    )
    decay: float = option(
        0.0,
        "What each epoch after the full ones multiplies the step size by; 0: "
        "it falls to 0 along a cosine instead.",
        minimum=0,
        maximum=1,
    )
    full_epochs: int = option(
        1, "With --decay: epochs at the full step size.", minimum=1
    )
    batch_size: int = option(
        32, "Streams of text read side by side.", minimum=1
    )
    epochs: int = option(10, "Passes over the training text.", minimum=1)
    order: int = option(
        5, "Length of the n-grams of the baselines.", minimum=1, of_run=False
    )
    cache_size: int = option(
        0,
        "With evaluate: tokens before, which a continuous cache remembers; 0: "
        "none.",
        minimum=0,
        of_run=False,
    )
    dynamic: bool = option(
        False,
        "With evaluate: whether to learn on from the text that is read.",
        of_run=False,
    )
    temperature: float = _of_answer(
        0.8, "Of what is written; 0: the likeliest token.", minimum=0
    )
    top_k: int = _of_answer(
        0, "Tokens that are drawn from, the likeliest; 0: all.", minimum=0
    )
    top_p: float = _of_answer(
        0.95,
        "The same, as the share of probability that they have together.",
        minimum=0,
        maximum=1,
    )
    repetition_penalty: float = _of_answer(
        1.0,
        "What the logits of tokens that were there before are divided by.",
        minimum=0.01,
        maximum=100,
    )
    length: int = _of_answer(
        40,
        "Tokens that are written at most: by predict, on a line.",
        minimum=0,
    )
    page_length: int = option(
        300, "With generate: tokens of the page.", minimum=0, of_run=False
    )
    plot: bool = option(
        False,
        "With evaluate: draw the loss by position and by frequency, beside "
        "the n-grams', in <run_dir>/plots.",
        of_run=False,
    )
    complete: bool = option(
        False,
        "With predict: the five likeliest next tokens instead.",
        of_run=False,
    )
    score: bool = option(
        False,
        "With predict: the perplexity, and which tokens are surprising.",
        of_run=False,
    )
    correct: bool = option(
        False, "With predict: correct the spelling.", of_run=False
    )
