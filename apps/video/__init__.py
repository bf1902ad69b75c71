"""Labels each frame of a clip, and joins equal labels to segments.

python -m apps.video
    Trains on the built-in sample, evaluates, exports and answers.
python -m apps.video train --dataset=MINE.tsv --run_dir=runs/mine
    Trains on your own clips: rows file<TAB>start<TAB>end<TAB>label, in seconds.
python -m apps.video cross_validate --dataset=MINE.tsv --folds=5
    Trains and scores a model for each fold of your own data.
python -m apps.video evaluate
    Prints accuracy and F1 of frames and segments next to those of the same
    network on single frames, with intervals.
python -m apps.video export
    Writes a SavedModel that takes clips: saved_models/video/1/.
python -m apps.video predict clip.gif folder_of_frames/ clip.mp4 test:3
    Prints the segments of each clip with seconds and mean probability; `-`
    reads names from standard input. --timeline=FILE.png draws the
    probabilities of a clip over time.
"""

from apps.video.config import VideoConfig
from apps.video.data import DATASETS
from common.app import App


class Video(App):
    """Video labeling: predicts a label for each frame, and segments."""

    name = "video"
    Config = VideoConfig
    datasets = DATASETS
    example_inputs = ("test:0", "test:1", "test:2", "test:3")
    limitations = (
        "It knows the labels of its training clips and no others, and gives "
        "one of them to every frame. Motion is measured per frame: at another "
        "frame rate, the same motion looks different. The aspect ratio of "
        "frames is not kept."
    )

    @staticmethod
    def model_class():
        from apps.video.model.labeler import FrameLabeler

        return FrameLabeler

    @staticmethod
    def evaluation_class():
        from apps.video.evaluation import VideoEvaluation

        return VideoEvaluation

    @staticmethod
    def interface_class():
        from apps.video.cli.interface import VideoInterface

        return VideoInterface
