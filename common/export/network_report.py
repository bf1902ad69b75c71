"""The report of exported networks: report.json, and its section in the card."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from common.export.comparison import TOLERANCE
from common.export.comparison import Comparison


@dataclasses.dataclass(frozen=True)
class NetworkReport:
    """Formats, sizes and differences of exported networks.

    Attributes:
      format: Value of --format.
      int8: Whether the weights are 8-bit integers.
      packages: Versions of the converter and the runtime by package name.
      bytes: Size of each file by its name.
      comparison: Comparison with the networks in TensorFlow.
      scores: With `int8`, the metrics of the app's evaluation for "float" and
        "int8"; otherwise empty.
    """

    format: str
    int8: bool
    packages: dict[str, str]
    bytes: dict[str, int]
    comparison: Comparison
    scores: dict[str, dict[str, float]]

    def to_json(self) -> dict:
        """Returns the fields and the tolerance."""
        return {**dataclasses.asdict(self), "tolerance": TOLERANCE}

    def card_lines(self) -> Iterator[str]:
        """Yields the lines of the section of the model card."""
        packages = ", ".join(f"{n} {v}" for n, v in self.packages.items())
        result = self.comparison
        yield f"Format: {self.format}, made and compared with {packages}."
        yield ""
        yield (
            f"Largest difference of a logit from TensorFlow on "
            f"{result.examples} test examples: "
            f"{result.largest_difference:.2g}"
            + ("." if self.int8 else f"; more than {TOLERANCE:g} is refused.")
        )
        yield ""
        yield "| file | bytes | ms per call | in TensorFlow |"
        yield "| --- | --- | --- | --- |"
        for file, size in self.bytes.items():
            name = file.partition(".")[0]
            yield (
                f"| {file} | {size:,} | {result.milliseconds[name]:.3f} | "
                f"{result.tensorflow_milliseconds[name]:.3f} |"
            )
        yield ""
        yield "The times are medians at batch 1 on the machine of the export."
        if self.scores:
            yield ""
            yield "| metric | float | int8 |"
            yield "| --- | --- | --- |"
            for metric, value in self.scores["float"].items():
                other = self.scores["int8"][metric]
                yield f"| {metric} | {value:.4g} | {other:.4g} |"
