"""The models in a folder, and which of their versions are served."""

import dataclasses
import gc
import pathlib
import threading
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
        self._set(Status(number, "AVAILABLE"))
        self._on_event("loaded", self.name, number)
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
            if label not in served.labels:
                raise refusals.invalid(
                    f"Unrecognized servable version label: {label[:100]}"
                )
            number = served.labels[label]
        if number is None:
            number = served.default
        if number not in served.loaded:
            raise _not_served(self.name, number)
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
            labels = self._served.labels
            if label not in labels:
                raise refusals.invalid(
                    f"Unrecognized servable version label: {label[:100]}"
                )
            number = labels[label]
        statuses = self._statuses
        if number is None:
            if not statuses:
                raise _no_versions(self.name)
            return [statuses[n] for n in sorted(statuses, reverse=True)]
        if number not in statuses:
            raise refusals.not_found(
                f"Could not find version {number} of model {self.name}"
            )
        return [statuses[number]]


class Repository:
    """The models in the folders below a folder.

    Args:
      folder: Holds a folder of versions for each model.
      load: As in `Model`.
      on_event: As in `Model`.
      only: The name of the only model that is served; all if empty.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        load: Callable[[str, pathlib.Path], Servable],
        on_event: Callable[..., None] = lambda *fields: None,
        only: str = "",
    ):
        self._folder, self._only = folder, only
        self._create = lambda name: Model(name, folder / name, load, on_event)
        self._models: dict[str, Model] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """Returns the names of the models in the folder."""
        if not self._folder.is_dir():
            return []
        children = [self._folder / self._only]
        if not self._only:
            children = sorted(self._folder.iterdir())
        return [child.name for child in children if versions.numbers(child)]

    def poll(self) -> None:
        """Looks for changes, and loads and unloads versions."""
        with self._lock:
            added = {
                name: self._create(name)
                for name in self.names()
                if name not in self._models
            }
            self._models = {**self._models, **added}
            for model in self._models.values():
                model.poll()

    def waiting(self) -> list[str]:
        """Returns the names of the models of which no version answers."""
        return [m.name for m in self._models.values() if not m.is_ready]

    @property
    def is_ready(self) -> bool:
        """Whether there are models, and all answer."""
        return bool(self._models) and not self.waiting()

    def find(
        self, name: str, number: int | None = None, label: str | None = None
    ) -> Servable:
        """Returns a loaded version; see `Model.find`."""
        model = self._models.get(name)
        if not model:
            raise _not_served(name[:100], number)
        return model.find(number, label)

    def statuses(
        self, name: str, number: int | None = None, label: str | None = None
    ) -> list[Status]:
        """Returns the states of versions; see `Model.statuses`."""
        model = self._models.get(name)
        if not model:
            raise _no_versions(name[:100])
        return model.statuses(number, label)


def _not_served(name, number):
    request = f"Latest({name})"
    if number is not None:
        request = f"Specific({name}, {number})"
    return refusals.not_found(f"Servable not found for request: {request}")


def _no_versions(name):
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
