"""The forecaster: shapes, masks, scheduled sampling, streaming."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.video_forecast.config import VideoForecastConfig
from apps.video_forecast.model import frames as frames_lib
from apps.video_forecast.model.forecaster import VideoForecaster
from tests.common.video import clips as video_clips

SIZE, CONTEXT, HORIZON = 8, 3, 2
CONFIG = VideoForecastConfig(
    frame_size=SIZE,
    patch_size=2,
    context=CONTEXT,
    horizon=HORIZON,
    filters=4,
    depth=1,
)


def clips(count, frames, gray=False, seed=0):
    """Returns uint8 (count, frames, SIZE, SIZE, 3)."""
    rng = np.random.default_rng(seed)
    shape = (count, frames, SIZE, SIZE, 1 if gray else 3)
    values = rng.integers(0, 256, shape, np.uint8)
    return np.broadcast_to(values, (*shape[:-1], 3))


def files(frames):
    return tf.constant([video_clips.npy(clip) for clip in frames])


def examples(frames):
    return tf.data.Dataset.from_tensor_slices(
        (
            {"video": files(frames[:, :CONTEXT])},
            {"video": files(frames[:, CONTEXT:])},
        )
    )


def create(gray=False, **options):
    keras.utils.set_random_seed(0)
    config = dataclasses.replace(CONFIG, **options)
    train = examples(clips(4, CONTEXT + HORIZON, gray))
    model = VideoForecaster.create(config, train, 2)
    model.build(None)
    return model


@pytest.fixture(scope="module")
def model():
    return create()


@pytest.mark.extended
def test_gray_clips_have_one_channel():
    model = create(gray=True)
    assert model.arguments.channels == 1
    forecast = model.serve(video=files(clips(2, 4, gray=True)))["frames"]
    assert forecast.shape == (2, HORIZON, SIZE, SIZE, 3)
    np.testing.assert_array_equal(forecast[..., 0], forecast[..., 2])


def test_one_colored_clip_makes_three_channels():
    frames = np.concatenate([clips(9, 5, gray=True), clips(1, 5)])
    config = dataclasses.replace(CONFIG, batch_size=2)
    model = VideoForecaster.create(config, examples(frames), 2)
    assert model.arguments.channels == 3


def test_color_channels_are_forecast_alike(model):
    """Each by itself: to exchange two of them exchanges their forecasts."""
    frames = clips(2, 4)
    forecast = model.serve(video=files(frames))["frames"].numpy()
    assert (forecast[..., 0] != forecast[..., 2]).any()
    exchanged = model.serve(video=files(frames[..., ::-1]))["frames"]
    np.testing.assert_array_equal(exchanged[..., ::-1], forecast)


def test_forecasts_depend_on_the_last_frames_alone(model):
    frames = clips(2, 5)
    changed = frames.copy()
    changed[:, : 5 - CONTEXT] = 0
    one, other = (
        model.serve(video=files(f))["frames"] for f in (frames, changed)
    )
    np.testing.assert_array_equal(one, other)
    changed[:, -1] = 0
    assert (model.serve(video=files(changed))["frames"] != one).numpy().any()


def test_a_short_clip_is_answered_alike_alone_and_in_a_batch(model):
    short, long = files(clips(1, 1)), files(clips(1, 6, seed=1))
    alone = model.serve(video=short)["frames"]
    together = model.serve(video=tf.concat([long, short], 0))["frames"]
    np.testing.assert_array_equal(alone[0], together[1])


def test_unreadable_clips_are_black_and_marked(model):
    video = tf.concat([["no clip"], files(clips(1, 3))], 0)
    outputs = model.serve(video=video)
    np.testing.assert_array_equal(outputs["readable"], [False, True])
    assert not outputs["frames"][0].numpy().any()
    assert outputs["frames"][1].numpy().any()


@pytest.mark.extended
def test_all_forms_of_a_clip_have_the_same_forecast(model):
    frames = clips(2, 4)
    expected = model.serve(video=files(frames))["frames"]
    signatures = model.signatures()
    of_array = signatures["frames"](tf.constant(frames))["frames"]
    np.testing.assert_array_equal(of_array, expected)
    pictures = [[*map(video_clips.png, clip)] for clip in frames]
    # What is unreadable is left out, wherever it is.
    pictures = [["", *pictures[0]], [*pictures[1][:2], "x", *pictures[1][2:]]]
    of_pictures = signatures["pictures"](tf.constant(pictures))["frames"]
    np.testing.assert_array_equal(of_pictures, expected)


@pytest.mark.extended
@pytest.mark.parametrize(
    "cell",
    [
        "conv_lstm2d",
        pytest.param("conv_gru2d", marks=pytest.mark.slow),
        pytest.param("st_lstm2d", marks=pytest.mark.slow),
    ],
)
def test_frame_by_frame_gives_the_bits_of_the_clip(cell):
    model = create(cell=cell, depth=2)
    frames = tf.constant(clips(2, CONTEXT))
    expected = model.serve(video=files(frames.numpy()))["frames"]
    step = model.signatures()["step"]
    state = [tf.zeros([2, *shape]) for shape in model.network.state_shapes]
    for t in range(CONTEXT):
        outputs = step(frames[:, t], *state)
        state = [outputs[f"state_{i}"] for i in range(len(state))]
    np.testing.assert_array_equal(outputs["frame"], expected[:, 0])

    @tf.function(autograph=False)
    def read(frames):
        pixels = frames_lib.to_network(frames, model.arguments.channels)
        mask = tf.ones([2, CONTEXT], tf.bool)
        return model.serving.read_context(pixels, mask)

    _, last = read(frames)
    for of_step, of_clip in zip(state, last, strict=True):
        np.testing.assert_array_equal(of_step, of_clip)


def test_a_step_resizes_frames(model):
    step = model.signatures()["step"]
    state = [tf.zeros([1, *shape]) for shape in model.network.state_shapes]
    small, large = (
        step(tf.fill([1, *sides, 3], tf.constant(90, tf.uint8)), *state)
        for sides in ([SIZE, SIZE], [2 * SIZE, 3 * SIZE])
    )
    np.testing.assert_array_equal(small["frame"], large["frame"])


def test_states_that_cannot_be_are_refused(model):
    step = model.signatures()["step"]
    frame = tf.zeros([2, SIZE, SIZE, 3], tf.uint8)
    state = [tf.zeros([2, *shape]) for shape in model.network.state_shapes]
    with pytest.raises(tf.errors.InvalidArgumentError, match="not finite"):
        step(frame, state[0] + np.nan, *state[1:])
    with pytest.raises(tf.errors.InvalidArgumentError, match="other rows"):
        step(frame, state[0][:1], *state[1:])


def training_outputs(model, inputs, share):
    """Returns the log-odds with a share of sampled frames."""
    model.arguments = dataclasses.replace(
        model.arguments, teacher_forcing=1 - share
    )
    model.optimizer.iterations.assign(10**6)
    return model(inputs, training=True).numpy()


@pytest.mark.extended
def test_scheduled_sampling_replaces_true_frames_by_forecasts():
    model = create(horizon=3)
    frames = clips(2, CONTEXT + 3)
    inputs, _ = next(
        iter(
            tf.data.Dataset.from_tensor_slices(
                (
                    {"video": files(frames[:, :CONTEXT])},
                    {"video": files(frames[:, CONTEXT:])},
                )
            )
            .batch(2)
            .map(model.preprocess)
        )
    )
    free = model(inputs).numpy()
    np.testing.assert_allclose(
        training_outputs(model, inputs, 1.0), free, rtol=1e-5, atol=1e-6
    )
    forced = training_outputs(model, inputs, 0.0)
    # Of the context and the first frame after it, all frames before are true.
    np.testing.assert_allclose(
        forced[:, :CONTEXT], free[:, :CONTEXT], rtol=1e-5, atol=1e-6
    )
    assert (abs(forced - free) > 1e-4).any((2, 3, 4))[:, CONTEXT:].all()


@pytest.mark.extended
def test_a_horizon_of_one_frame():
    model = create(horizon=1)
    outputs = model.serve(video=files(clips(2, 3)))
    assert outputs["frames"].shape == (2, 1, SIZE, SIZE, 3)


@pytest.mark.extended
def test_values_below_the_black_level_are_black(model):
    config = dataclasses.replace(CONFIG, black_level=30.5 / 255)
    video = files(clips(2, CONTEXT))
    before = model.serve(video=video)["frames"].numpy()
    other = create().with_decoding(config)
    after = other.serve(video=video)["frames"].numpy()
    dark = before <= 30
    assert 0 < dark.mean() < 1
    np.testing.assert_array_equal(after, np.where(dark, 0, before))
