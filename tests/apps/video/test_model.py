"""Labels of frames: streams, padding, pictures, segments, training."""

import numpy as np
import pytest
import tensorflow as tf

from apps.video.model import labeler
from apps.video.model import segments
from common.errors import UserError
from tests import variants
from tests.common.video.clips import npy
from tests.common.video.clips import png

NETWORKS = [
    {},
    pytest.param({"network": "conv_lstm"}, marks=pytest.mark.extended),
    pytest.param({"network": "conv_gru", "depth": 2}, marks=pytest.mark.slow),
    pytest.param(
        {"cell": "lstm", "depth": 2, "differences": False},
        marks=pytest.mark.slow,
    ),
]


def streamed(model, frames):
    """Returns the probabilities of frames that come one by one."""
    step = model.signatures()["step"]
    specs = step.input_signature[1:]
    state = [tf.zeros([len(frames), *spec.shape[1:]]) for spec in specs]
    probabilities = []
    for t in range(frames.shape[1]):
        outputs = step(frames[:, t], *state)
        state = [outputs[spec.name] for spec in specs]
        probabilities.append(outputs["probabilities"].numpy())
    return np.stack(probabilities, 1)


@pytest.mark.parametrize("options", NETWORKS, ids=str)
def test_a_stream_gets_the_bits_of_the_whole_clip(create, frames, options):
    model = create(**options)
    for rows in (frames, frames[:1]):
        whole = model.serve(video=[npy(clip) for clip in rows])
        np.testing.assert_array_equal(
            streamed(model, rows), whole["probabilities"]
        )
        assert whole["probabilities"].numpy().std(1).max() > 1e-4


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("options", NETWORKS, ids=str)
def test_serving_computes_what_is_trained(create, frames, options):
    model = create(**options)
    present = tf.ones(frames.shape[:2], tf.bool)
    logits = model({"frames": frames, "present": present})
    outputs = model.serving.frames(frames=frames)
    np.testing.assert_allclose(
        tf.nn.softmax(logits), outputs["probabilities"], atol=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize("network", ["cnn_rnn", "conv_lstm", "conv_gru"])
def test_reading_in_both_directions_skips_the_padding(create, frames, network):
    model = create(network=network, bidirectional=True)
    assert set(model.signatures()) == {"frames", "pictures"}
    alone = model.serve(video=[npy(frames[0, :3])])
    padded = model.serve(video=[npy(frames[0, :3]), npy(frames[1])])
    np.testing.assert_allclose(
        padded["probabilities"][:1, :3], alone["probabilities"], atol=1e-6
    )
    other = frames[0].copy()
    other[-1] = 0
    changed = model.serve(video=[npy(other), npy(frames[0])])
    first, second = changed["probabilities"].numpy()
    assert (first[0] != second[0]).any()  # By the last frame.


@pytest.mark.usefixtures("eager")
def test_the_answer_does_not_depend_on_the_future(model, frames):
    whole = model.serving.frames(frames=frames)["probabilities"]
    beginning = model.serving.frames(frames=frames[:, :3])["probabilities"]
    np.testing.assert_array_equal(whole[:, :3], beginning)


def test_the_change_of_a_frame_counts(model, frames):
    """The same frame after another one has another answer."""
    still = np.repeat(frames[:, :1], 2, 1)
    moved = np.stack([frames[:, 1], frames[:, 0]], 1)
    first = model.serving.frames(frames=still)["probabilities"]
    second = model.serving.frames(frames=moved)["probabilities"]
    assert np.abs(first[:, 1] - second[:, 1]).max() > 1e-3


def test_shorter_and_unreadable_clips_are_padded(model, frames):
    videos = [npy(frames[0]), b"not a clip", npy(frames[1, :2])]
    outputs = {k: v.numpy() for k, v in model.serve(video=videos).items()}
    assert (outputs["label"] != b"").sum(1).tolist() == [5, 0, 2]
    for name in ("probability", "start", "end"):
        assert not outputs[name][1].any()
        assert not outputs[name][2, 2:].any()
    np.testing.assert_allclose(outputs["end"][0], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert not outputs["probabilities"][2, 2:].any()
    assert outputs["segment_frames"].sum(1).tolist() == [5, 0, 2]


@pytest.mark.extended
def test_frames_and_pictures_get_the_answers_of_files(model, frames):
    files = model.serve(video=[npy(clip) for clip in frames])
    arrays = model.serving.frames(frames=frames)
    contents = [[png(frame) for frame in clip] for clip in frames]
    pictures = model.serving.pictures(image_bytes=contents)
    assert set(files) == set(arrays) == set(pictures)
    for name, value in files.items():
        for outputs in (arrays, pictures):
            if value.dtype == tf.string:
                np.testing.assert_array_equal(value, outputs[name])
            else:
                np.testing.assert_allclose(value, outputs[name], atol=1e-5)


@pytest.mark.parametrize(
    "bidirectional", variants.extended([False, True], True)
)
def test_an_unreadable_picture_has_no_label_and_changes_nothing(
    create, frames, bidirectional
):
    model = create(bidirectional=bidirectional)
    contents = [png(frame) for frame in frames[0, :3]]
    outputs = model.serving.pictures(
        image_bytes=[[*contents[:2], b"broken", contents[2]]]
    )
    labels = outputs["label"][0].numpy()
    assert [label != b"" for label in labels] == [True, True, False, True]
    without = model.serving.pictures(image_bytes=[contents])
    np.testing.assert_allclose(
        outputs["probabilities"].numpy()[:, [0, 1, 3]],
        without["probabilities"],
        atol=1e-6,
    )


def test_a_state_that_is_not_finite_is_refused(model, frames):
    step = model.signatures()["step"]
    state = [
        tf.fill([2, *spec.shape[1:]], np.nan)
        for spec in step.input_signature[1:]
    ]
    with pytest.raises(tf.errors.InvalidArgumentError, match="not finite"):
        step(frames[:, 0], *state)


def test_equal_labels_are_joined_to_segments():
    joined = segments.join_frames(
        label_ids=tf.constant([[1, 1, 0, 0, 0], [2, 9, 2, 1, 9]]),
        probability=tf.constant(
            [[0.5, 1, 0.9, 0.6, 0.6], [0.25, 9, 0.75, 1, 9]]
        ),
        present=tf.constant([[True] * 5, [True, False, True, True, False]]),
        start=tf.constant([[0.0, 1, 2, 3, 4]] * 2),
        end=tf.constant([[1.0, 2, 3, 4, 5]] * 2),
    )
    joined = {name: values.numpy() for name, values in joined.items()}
    assert joined["ids"].tolist() == [[1, 0, 0, 0, 0], [2, 1, 0, 0, 0]]
    assert joined["frames"].tolist() == [[2, 3, 0, 0, 0], [2, 1, 0, 0, 0]]
    assert joined["start"].tolist() == [[0, 2, 0, 0, 0], [0, 3, 0, 0, 0]]
    assert joined["end"].tolist() == [[2, 5, 0, 0, 0], [3, 4, 0, 0, 0]]
    np.testing.assert_allclose(
        joined["probability"], [[0.75, 0.7, 0, 0, 0], [0.5, 1, 0, 0, 0]]
    )


def test_frames_without_a_known_label_do_not_train(model, frames):
    known = model.arguments.labels[0]
    x = {"video": tf.constant([npy(frames[0]), npy(frames[1, :2])])}
    labels = [[known, "", "unknown", known, known], [known, known, "", "", ""]]
    inputs, targets, weights = model.preprocess(
        x, {"labels": tf.constant(labels)}
    )
    assert weights.to_list() == [[1, 0, 0, 1, 1], [1, 1]]
    assert targets.to_list() == [[0] * 5, [0, 0]]
    assert inputs["present"].row_lengths().numpy().tolist() == [5, 2]
    np.testing.assert_array_equal(inputs["frames"][1], frames[1, :2])


def test_fewer_labels_than_frames_are_padded(model, frames):
    known = model.arguments.labels[1]
    x = {"video": tf.constant([npy(frames[0])])}
    _, targets, weights = model.preprocess(x, {"labels": [[known]]})
    assert targets.to_list() == [[1, 0, 0, 0, 0]]
    assert weights.to_list() == [[1, 0, 0, 0, 0]]


def test_one_label_is_refused():
    train = tf.data.Dataset.from_tensors(
        ({"video": ""}, {"labels": ["falls", "falls", ""]})
    )
    with pytest.raises(UserError, match="have 1 label, and .* needs two"):
        labeler.label_names(train, "mine.tsv")
