"""Options that several apps share, each declared once."""

from typing import Any

from common.config import option

# The names of `common.layers.CELLS`: `--help` must not import TensorFlow.
CELLS = [
    "simple_rnn",
    "irnn",
    "leaky",
    "time_skip",
    "jordan",
    "lstm",
    "peephole_lstm",
    "cifg_lstm",
    "layer_norm_lstm",
    "gru",
    "gru_reset_before",
    "updating_gru",
    "recurrent_highway",
    "nas",
]


def columns(fields: str) -> Any:
    """Declares --columns.

    Args:
      fields: What the app reads of a table, as "label,text".
    """
    return option(
        "",
        f"Columns of your own table that hold {fields}: their names or "
        "numbers; if empty, they are recognized.",
        group="Data",
    )


def cell(default: str = "lstm") -> Any:
    """Declares --cell."""
    return option(default, "Recurrent cell.", group="Model", choices=CELLS)


def units(default: int, minimum: int = 1) -> Any:
    """Declares --units."""
    return option(
        default,
        "Units of each recurrent layer.",
        group="Model",
        minimum=minimum,
    )


def depth(default: int = 1) -> Any:
    """Declares --depth."""
    return option(
        default, "Number of recurrent layers.", group="Model", minimum=1
    )


def embedding_size(default: int) -> Any:
    """Declares --embedding_size."""
    return option(
        default, "Size of the embedding vectors.", group="Model", minimum=1
    )


def dropout(default: float = 0.1) -> Any:
    """Declares --dropout."""
    return share(default, "Dropout rate.", group="Model")


def share(default: float, help: str, group: str) -> Any:
    """Declares an option between 0 and 0.9, such as a dropout rate."""
    return option(default, help, group=group, minimum=0, maximum=0.9)


def ensemble(relation: str) -> Any:
    """Declares --ensemble; see `model_file.load_ensemble`.

    Args:
      relation: What the other models do with this one.
    """
    return option(
        "",
        "Folders of further runs, separated by commas, with models "
        f"{relation} this one.",
        group="Decoding",
        affects="answers",
    )


def backward(help: str) -> Any:
    """Declares --backward."""
    return option(False, help, group="Model")


def cosine_learning_rate(default: float) -> Any:
    """Declares --learning_rate of Adam with `optimizers.cosine_adam`."""
    return option(
        default,
        "Initial learning rate of Adam; decays to 0 along a cosine.",
        group="Training",
        minimum=0,
    )
