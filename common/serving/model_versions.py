"""The versions of one model, and which of them are served."""

import dataclasses
import gc
import pathlib
from collections.abc import Callable
from typing import Protocol

from common import files
from common.errors import UserError
from common.export import versions
from common.serving import refusals

LABELS = "labels.json"  # Next to the versions: {"stable": 3}.


class Servable(Protocol):
    """A loaded version."""


@dataclasses.dataclass(frozen=True)
class Status:
    """The state of a version, as TensorFlow Serving reports it."""

    version: int
    state: str
    code: str = "OK"
    message: str = ""


@dataclasses.dataclass(frozen=True)
class _Served:
    """What answers requests: replaced as a whole, never changed."""

    loaded: dict[int, Servable] = dataclasses.field(default_factory=dict)
    default: int | None = None
    labels: dict[str, int] = dataclasses.field(default_factory=dict)


class Model:
    """The versions of one model.

    The highest version that can be loaded answers, and those that `labels.json`
    names. A version that cannot be loaded is reported, and tried again when its
    files change.

    Args:
      name: In URLs.
      folder: Holds the versions 1, 2, ...
      load: Returns the loaded version in a folder.
      on_event: Called with a name and fields, for the log and the metrics.
    """

    def __init__(
        self,
        name: str,
        folder: pathlib.Path,
        load: Callable[[str, pathlib.Path], Servable],
        on_event: Callable[..., None],
    ):
        self.name, self._folder = name, folder
        self._load, self._on_event = load, on_event
        self._served = _Served()
        self._statuses: dict[int, Status] = {}
        self._failures: dict[int, tuple] = {}
        self._labels_problem = ""

    @property
    def is_ready(self) -> bool:
        """Whether a version answers."""
        return self._served.default is not None

    def poll(self) -> None:
        """Loads what is new, and unloads what is gone or replaced."""
        old = self._served
        numbers = versions.numbers(self._folder)
        loaded = dict(old.loaded)
        default = old.default
        for number in reversed(numbers):
            if self._is_loaded(number, loaded):
                default = number
                break
        labels = {}
        for label, number in self._read_labels().items():
            if number in numbers and self._is_loaded(number, loaded):
                labels[label] = number
            elif old.labels.get(label) in loaded:
                labels[label] = old.labels[label]
        wanted = {default, *labels.values()}
        kept = {n: v for n, v in loaded.items() if n in wanted}
        self._served = _Served(kept, default, labels)
        # Not before: whoever reads it may ask at once.
        for number in kept.keys() - old.loaded.keys():
            self._set(Status(number, "AVAILABLE"))
            self._on_event("loaded", self.name, number)
        self._forget(loaded.keys() - kept.keys(), numbers)

    def _is_loaded(self, number, loaded):
        """Returns whether a version is in `loaded`, or can be added to it."""
        if number in loaded:
            return True
        path = self._folder / str(number)
        fingerprint = _fingerprint(path)
        if self._failures.get(number) == fingerprint:
            return False
        self._set(Status(number, "LOADING"))
        try:
            loaded[number] = self._load(self.name, path)
        except Exception as error:  # TensorFlow raises many types.
            self._failures[number] = fingerprint
            text = f"Cannot be loaded ({type(error).__name__}); see the log."
            self._set(Status(number, "END", "UNKNOWN", text))
            self._on_event("failed", self.name, number, error)
            return False
        self._failures.pop(number, None)
        return True

    def _forget(self, unloaded, numbers):
        """Frees the memory of versions that no request needs any more."""
        for number in unloaded:
            self._set(Status(number, "END"))
            self._on_event("unloaded", self.name, number)
        known = {*numbers, *self._served.loaded}
        self._statuses = {
            n: status for n, status in self._statuses.items() if n in known
        }
        if unloaded:
            gc.collect()

    def _set(self, status):
        self._statuses = {**self._statuses, status.version: status}

    def _read_labels(self):
        path = self._folder / LABELS
        if not path.exists():
            return {}
        try:
            labels = files.read_json(path)
            if not files.conforms(labels, dict[str, int]):
                raise UserError(f"{path} is not an object of version numbers.")
        except (OSError, UserError) as error:
            if str(error) != self._labels_problem:
                self._on_event("failed", self.name, None, error)
            self._labels_problem = str(error)
            return self._served.labels
        self._labels_problem = ""
        return labels

    def find(self, number: int | None, label: str | None) -> Servable:
        """Returns the version of a number, of a label, or the default.

        Raises:
          Refusal: It is not served.
        """
        served = self._served
        if label is not None:
            number = _labeled(served, label)
        if number is None:
            number = served.default
        if number not in served.loaded:
            raise not_served(self.name, number)
        return served.loaded[number]

    def statuses(self, number: int | None, label: str | None) -> list[Status]:
        """Returns the states of the versions, the highest first.

        Args:
          number: That of the only one to return.
          label: The same.

        Raises:
          Refusal: There is no such version.
        """
        if label is not None:
            number = _labeled(self._served, label)
        statuses = self._statuses
        if number is None:
            if not statuses:
                raise no_versions(self.name)
            return [statuses[n] for n in sorted(statuses, reverse=True)]
        if number not in statuses:
            raise refusals.not_found(
                f"Could not find version {number} of model {self.name}"
            )
        return [statuses[number]]


def _labeled(served, label):
    """Returns the number of the version that a label names."""
    if label not in served.labels:
        raise refusals.invalid(
            f"Unrecognized servable version label: {label[:100]}"
        )
    return served.labels[label]


def not_served(name: str, number: int | None) -> refusals.Refusal:
    """Returns the refusal of a model or a version that is not loaded."""
    request = f"Latest({name})"
    if number is not None:
        request = f"Specific({name}, {number})"
    return refusals.not_found(f"Servable not found for request: {request}")


def no_versions(name: str) -> refusals.Refusal:
    """Returns the refusal of a model without versions."""
    return refusals.not_found(f"Could not find any versions of model {name}")


def _fingerprint(folder):
    """Returns a value that changes with the files of a version."""
    values = []
    for path in sorted(folder.rglob("*")):
        try:
            status = path.stat()
        except OSError:  # Removed meanwhile.
            continue
        values.append((path.name, status.st_size, status.st_mtime_ns))
    return tuple(values)
