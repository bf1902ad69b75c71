"""Forecasts the next frames of clips.

python -m apps.video_forecast
    Trains on the built-in sample, evaluates, exports and answers.
python -m apps.video_forecast train --flagfile=moving_mnist.flags \\
    --data_dir=FOLDER
    Trains with a recipe, here on two digits that move.
python -m apps.video_forecast train --dataset=FOLDER --run_dir=runs/mine
    Trains on the clips of your own folder.
python -m apps.video_forecast cross_validate --dataset=FOLDER --folds=5
    Trains and scores a model for each fold of your own data.
python -m apps.video_forecast evaluate --plot=horizon.png
    Prints MSE, MAE, SSIM and PSNR next to those of the fading, the last, the
    mean and the black frame, with intervals.
python -m apps.video_forecast export
    Writes a SavedModel that takes clips: saved_models/video_forecast/1/.
python -m apps.video_forecast predict clip.gif folder_of_frames clip.mp4 test:3
    Writes the next frames of each clip as a GIF, and a strip of the frames
    before and after (PNG), to runs/video_forecast/forecasts/.
"""

from apps.video_forecast.config import VideoForecastConfig
from apps.video_forecast.data import DATASETS
from common.app import App


class VideoForecast(App):
    """Video forecasting: generates the frames that follow a clip."""

    name = "video_forecast"
    Config = VideoForecastConfig
    datasets = DATASETS
    example_inputs = ("test:0", "test:1", "test:2")
    limitations = (
        "It continues motion like that of its training clips, at their frame "
        "rate. It forecasts one future: where several are possible, its frames "
        "are blurred. The farther a frame, the less can be known of it."
    )

    @staticmethod
    def model_class():
        from apps.video_forecast.model.forecaster import VideoForecaster

        return VideoForecaster

    @staticmethod
    def evaluation_class():
        from apps.video_forecast.evaluation.evaluation import ForecastEvaluation

        return ForecastEvaluation

    @staticmethod
    def interface_class():
        from apps.video_forecast.cli.interface import ForecastInterface

        return ForecastInterface
