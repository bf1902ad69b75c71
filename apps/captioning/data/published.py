"""Data sets that are read as they were published."""

import abc

from apps.captioning.data import caption_dataset


class PublishedDataset(caption_dataset.CaptionDataset):
    """Pictures with captions in a folder that --data_dir names."""

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self._splits = {}

    @abc.abstractmethod
    def listed(self, split):
        """Returns the paths of a split, existing or not, and their captions.

        Args:
          split: "train", "valid" or "test".

        Raises:
          UserError: The files of the data set cannot be read.
        """

    def examples(self, split):
        if split not in self._splits:
            source = f"the {split} split of {self.name}"
            self._splits[split] = [
                (path, captions)
                for path, captions, _ in caption_dataset.readable(
                    self.listed(split), source, self.bad_records
                )
            ]
        return caption_dataset.of_files(self._splits[split])
