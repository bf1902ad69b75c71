"""The models in a folder."""

import pathlib
import threading
from collections.abc import Callable

from common.export import versions
from common.serving import model_versions


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
        load: Callable[[str, pathlib.Path], model_versions.Servable],
        on_event: Callable[..., None] = lambda *fields: None,
        only: str = "",
    ):
        self._folder, self._only = folder, only
        self._create = lambda name: model_versions.Model(
            name, folder / name, load, on_event
        )
        self._models: dict[str, model_versions.Model] = {}
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
    ) -> model_versions.Servable:
        """Returns a loaded version; see `Model.find`."""
        model = self._models.get(name)
        if not model:
            raise model_versions.not_served(name[:100], number)
        return model.find(number, label)

    def statuses(
        self, name: str, number: int | None = None, label: str | None = None
    ) -> list[model_versions.Status]:
        """Returns the states of versions; see `Model.statuses`."""
        model = self._models.get(name)
        if not model:
            raise model_versions.no_versions(name[:100])
        return model.statuses(number, label)
