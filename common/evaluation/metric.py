"""What a metric is called, and which direction is better."""

import dataclasses
from typing import TypeVar

Key = TypeVar("Key", str, int)


@dataclasses.dataclass(frozen=True)
class Metric:
    """One number of a report.

    Attributes:
      name: Its key in metrics.json.
      definition: One line: what the number means.
      lower_is_better: Its direction.
      unit: Such as "%" or "nats"; empty for a plain number.
      selects_epoch: Whether the epoch with the best value on the validation
        split is kept. The validation examples are then answered after each
        epoch, as in `evaluate`. Otherwise the validation loss decides.
    """

    name: str
    definition: str
    lower_is_better: bool = False
    unit: str = ""
    selects_epoch: bool = False

    def gain(self, value: float, baseline: float) -> float:
        """Returns by how much `value` is better than `baseline`."""
        return baseline - value if self.lower_is_better else value - baseline

    def best(self, values: dict[Key, float]) -> Key:
        """Returns the key of the best value, the first of equal ones."""
        choose = min if self.lower_is_better else max
        return choose(values, key=values.__getitem__)


LOSS = Metric("loss", "Mean loss of the validation split.", True)
