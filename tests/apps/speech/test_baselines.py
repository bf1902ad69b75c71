"""One-pass time warping against brute force, and on digits."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from apps.speech.baselines import bigrams
from apps.speech.baselines import cepstra
from apps.speech.baselines import frequent
from apps.speech.baselines import one_pass
from apps.speech.baselines import template_matching
from apps.speech.baselines import templates
from apps.speech.data import connected
from apps.speech.data import fsdd
from common.audio import writing
from common.evaluation.metrics import error_rates

RATE = 8000


def dataset(pairs):
    audio, transcripts = zip(*pairs)
    return tf.data.Dataset.from_tensor_slices(
        ({"audio": list(audio)}, {"transcript": list(transcripts)})
    )


def glide(*frequencies):
    """Returns half a second of a tone that glides between frequencies."""
    times = np.linspace(0, 1, len(frequencies))
    hertz = np.interp(np.linspace(0, 1, RATE // 2), times, frequencies)
    return 0.3 * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)


GLIDES = {
    "up": glide(300, 2500),
    "down": glide(2500, 300),
    "peak": glide(300, 2500, 300),
    "flat": glide(700, 700),
}


def recording(*words, speed=1.0, gain=1.0, seed=0):
    """Returns the content of a WAV file of glides with pauses and noise."""
    rng = np.random.default_rng(seed)
    parts = [np.zeros(RATE // 5)]
    for word in words:
        samples = GLIDES[word]
        places = np.arange(0, len(samples) - 1, speed)
        samples = np.interp(places, np.arange(len(samples)), samples)
        parts += [samples, np.zeros(RATE // 10)]
    samples = np.concatenate([*parts, np.zeros(RATE // 5)])
    samples += rng.normal(0, 0.003, len(samples))
    return writing.wav_file((gain * samples).astype(np.float32), RATE)


def warped(distances):
    """Returns the cost of a template, by recursion; (frames, template)."""

    @functools.cache
    def moved(time, place):
        if place < 0:
            return np.inf
        if time == 0:
            return distances[0, place] if place < 2 else np.inf
        steps = [place - 1, place - 2]
        earlier = [f(time - 1, p) for f in (moved, stayed) for p in steps]
        return distances[time, place] + min(earlier)

    @functools.cache
    def stayed(time, place):
        if time == 0 or place < 0:
            return np.inf
        return distances[time, place] + moved(time - 1, place)

    time, last = (size - 1 for size in distances.shape)
    places = [last, last - 1]
    return min(f(time, place) for f in (moved, stayed) for place in places)


def words_of(search, *arguments):
    return [segment.word for segment in search.recognize(*arguments)]


def brute_force(features, known, words, silences, costs, silence_cost):
    """Returns the words of the best of all segmentations."""

    def distances(first, second):
        return np.linalg.norm(first[:, None] - second, axis=2)

    silent = silence_cost * distances(features, silences).min(1)

    @functools.cache
    def segment(start, end, word):
        return min(
            warped(distances(features[start:end], template))
            for template, own in zip(known, words)
            if own == word
        )

    @functools.cache
    def best(end, last):  # Cost and words; the last one is `last`.
        if end == 0:
            return (0.0, ()) if last is None else (np.inf, ())
        cost, before = best(end - 1, last)
        paths = [(cost + silent[end - 1], before)]
        if last is not None:
            names = [None, *sorted(set(words))]
            for start, previous in itertools.product(range(end), names):
                cost, before = best(start, previous)
                row = -1 if previous is None else previous
                cost += costs[row, last] + segment(start, end, last)
                paths.append((cost, (*before, last)))
        return min(paths)

    names = [None, *sorted(set(words))]
    return min(best(len(features), name) for name in names)[1]


@pytest.mark.parametrize("seed", range(8))
def test_the_best_path_is_that_of_all_segmentations(seed):
    rng = np.random.default_rng(seed)
    words = np.array([0, 0, 1, 2])
    known = [rng.normal(size=(n, 2)) for n in (2, 3, 4, 3)]
    silences = rng.normal(size=(2, 2))
    costs = rng.uniform(-1, 1, (4, 3))
    search = one_pass.OnePass(known, words, silences)
    features = rng.normal(size=(9, 2))
    expected = brute_force(features, known, words, silences, costs, 0.9)
    assert words_of(search, features, costs, 0.9) == list(expected)


def test_one_cost_for_all_words_is_that_of_each():
    rng = np.random.default_rng(0)
    known = [rng.normal(size=(3, 2)) for _ in range(4)]
    search = one_pass.OnePass(known, np.arange(4), np.zeros([1, 2]))
    features = rng.normal(size=(100, 2))
    answers = [
        words_of(search, features, np.full(shape, 0.5), 1.0)
        for shape in ((1, 1), (5, 4))
    ]
    assert answers[0] == answers[1]
    assert len(answers[0]) > 10


def test_slopes_are_bounded():
    """A template of four frames takes two frames to eight."""
    known = np.eye(4)
    search = one_pass.OnePass([known], np.array([0]), np.full([1, 4], 9.0))
    costs = np.zeros([1, 1])
    for frames, words in ((1, []), (2, [0]), (8, [0]), (9, [0, 0])):
        places = np.linspace(0, 3.99, frames).astype(int)
        silence_cost = 9.0 if frames > 1 else 0.0
        answer = words_of(search, known[places], costs, silence_cost)
        assert answer == words


def test_segments_are_the_places_of_words():
    first, second = np.eye(5)[:2], np.eye(5)[2:4]
    silences = np.eye(5)[4:]
    search = one_pass.OnePass([first, second], np.arange(2), silences)
    parts = [silences, first, second, silences, silences, first]
    segments = search.recognize(np.concatenate(parts), np.ones([1, 1]), 1.0)
    assert segments == [(0, 1, 3), (1, 3, 5), (0, 7, 9)]


def test_a_recording_without_frames_has_no_words():
    search = one_pass.OnePass([np.eye(2)], np.array([0]), np.ones([1, 2]))
    assert search.recognize(np.zeros([0, 2]), np.zeros([1, 1]), 1.0) == []


def test_features_ignore_loudness_and_find_speech():
    content = [recording("up", gain=gain) for gain in (1.0, 0.05)]
    first, second = cepstra.read(dataset(zip(content, ["up"] * 2)), RATE)
    np.testing.assert_allclose(first.features, second.features, atol=2e-3)
    assert first.features.shape == (50, cepstra.FEATURES)
    speech = np.flatnonzero(first.is_speech)
    assert abs(speech[0] - 10) <= 1  # 0.2 s of silence, then 0.5 s.
    assert abs(speech[-1] - 34) <= 1
    assert first.words == ["up"]


def test_features_are_normalized_and_change_as_lines_do():
    content = recording("peak")
    (utterance,) = cepstra.read(dataset([(content, "peak")]), RATE)
    static = utterance.features[:, : cepstra.FEATURES // 2]
    np.testing.assert_allclose(static.mean(0), 0, atol=0.05)
    np.testing.assert_allclose(static.std(0), 1, atol=0.05)
    line = np.outer(np.arange(20.0), [1, -3])
    slopes = cepstra._changes(line)
    inner = slice(cepstra.REACH, -cepstra.REACH)
    np.testing.assert_allclose(slopes[inner], np.tile([1, -3], (12, 1)))


@pytest.mark.parametrize("rate", [4000, 16000, 48000])
def test_features_of_any_rate(rate):
    pairs = [(recording("up"), "up"), (b"not a file", "up")]
    readable, unreadable = cepstra.read(dataset(pairs), rate)
    assert readable.features.shape == (50, cepstra.FEATURES)
    assert np.isfinite(readable.features).all()
    assert unreadable.features.shape == (0, cepstra.FEATURES)


def test_reads_no_more_frames_than_needed():
    examples = dataset([(recording("up"), "up")]).repeat()
    batch = cepstra.READ_TOGETHER
    assert len(cepstra.read(examples, RATE, 50 * batch + 1)) == 2 * batch


def utterance(words, speech, silence=2):
    rows = np.arange(float(silence + speech + silence))
    is_speech = (rows >= silence) & (rows < silence + speech)
    return cepstra.Utterance(
        np.tile(rows[:, None], (1, 2)).astype(np.float32),
        is_speech,
        words.split(),
    )


def rows_of(known):
    return [
        (known.names[word], frames[:, 0].tolist())
        for word, frames in zip(known.words, known.frames)
    ]


def test_templates_are_single_words_without_silence():
    known = templates.cut(
        [utterance("b", 3), utterance("a", 2), utterance("", 0)], 100
    )
    assert rows_of(known) == [("a", [2, 3]), ("b", [2, 3, 4])]
    assert set(known.silences[:, 0]) <= {0, 1, 2, 3, 4, 5, 6}
    assert not set(known.silences[:10, 0]) - {0, 1, 5, 6}


def test_noises_in_recordings_without_words_are_not_silence():
    noise = utterance("", 3, silence=1)
    known = templates.cut([noise, utterance("a", 2, silence=0)], 100)
    assert rows_of(known) == [("a", [0, 1])]
    assert sorted(set(known.silences[:, 0])) == [0, 4]


def test_words_that_are_never_alone_are_cut_by_their_letters():
    known = templates.cut([utterance("a bbb", 8), utterance("a", 3)], 100)
    assert rows_of(known) == [
        ("a", [2, 3, 4]),
        ("bbb", [4, 5, 6, 7, 8, 9]),
    ]


def test_the_number_of_templates_is_bounded():
    many = [utterance(word, 4) for word in "aaaaaaaaaabbbbbc"]
    known = templates.cut(many, 40)
    assert [known.words.tolist().count(i) for i in range(3)] == [5, 4, 1]
    assert sum(map(len, known.frames)) <= 40
    known = templates.cut(many, 7)  # No room for all words.
    assert known.names == ["a"]


def test_usual_successors_cost_less():
    transcripts = [["a", "b"]] * 20 + [["b", "x", "a"]] * 5
    costs = bigrams.costs(transcripts, ["a", "b"])
    assert costs.shape == (3, 2)
    # Relative to equally probable words. "x" is not one, and ends a pair.
    np.testing.assert_allclose((np.exp(-costs) / 2).sum(1), 1)
    frequencies = np.array([20, 25]) + 1
    frequencies = frequencies / frequencies.sum()
    first = (np.array([20, 5]) + bigrams.PRIOR * frequencies) / 30
    np.testing.assert_allclose(costs[2], -np.log(2 * first))
    np.testing.assert_allclose(costs[1], -np.log(2 * frequencies))


def test_bigrams_of_many_words_are_left_out():
    names = [str(i) for i in range(bigrams.MAX_WORDS + 1)]
    assert bigrams.costs([], names).tolist() == [[0]]
    assert bigrams.costs([], names[1:]).shape == (301, 300)


def test_usual_successors_decide_between_equal_templates():
    """Two words that sound alike are told apart by the word before."""
    known = [np.eye(3), 1 - np.eye(3), np.ones([3, 3]) / 2, np.ones([3, 3]) / 2]
    search = one_pass.OnePass(known, np.arange(4), np.full([1, 3], 9.0))
    names = ["one", "two", "after one", "after two"]
    transcripts = [["one", "after one"], ["two", "after two"]] * 9
    costs = 1 + bigrams.costs(transcripts, names)
    for first, second in ((0, 2), (1, 3)):
        features = np.concatenate([known[first], known[second]])
        assert words_of(search, features, costs, 1.0) == [first, second]


def test_recognizes_connected_glides():
    train = dataset(
        (recording(word, speed=speed, gain=gain, seed=seed), word)
        for seed, (word, speed, gain) in enumerate(
            itertools.product(GLIDES, (0.8, 1.25), (0.1, 1.0))
        )
    )
    sentences = ["up down", "peak flat up", "flat", "down down", "", "peak up"]
    valid, test = (
        dataset(
            (recording(*text.split(), speed=speed, seed=99), text)
            for text in sentences
        )
        for speed in (1.0, 1.1)
    )
    answers = template_matching.transcripts(RATE, train, valid, test)
    assert [text.decode() for text in answers] == sentences


def test_words_are_cut_from_sentences():
    """Of a word that is once alone, and in sentences of other noise."""
    singles = [(recording(word), word) for word in GLIDES]
    sentences = [
        (recording(*text.split(), speed=1.1, seed=seed), text)
        for seed, text in enumerate(["up down", "flat peak up", "down flat"])
    ]
    utterances = cepstra.read(dataset(singles + sentences), RATE)
    recognizer = template_matching.Recognizer(utterances, [], 1000)
    costs = {"bigram": 0.0, "word": 4.0, "silence": 1.0}
    joined = template_matching._words_in_sentences(
        recognizer, costs, utterances
    )
    words = [word for u in joined for word in u.words]
    assert words == ["up", "down", "flat", "peak", "up", "down", "flat"]
    # Half a second, faster by a tenth.
    assert all(20 <= len(u.features) <= 26 for u in joined)
    larger = template_matching.Recognizer(utterances, joined, 1000)
    assert larger.size > recognizer.size


def test_without_words_in_training_transcripts_are_empty():
    silent = dataset([(recording(), "")] * 2)
    test = dataset([(recording("up"), "up")])
    answers = template_matching.transcripts(RATE, silent, silent, test)
    assert answers.tolist() == [b""]


def test_the_most_frequent_transcript():
    known = np.array([b"two", b"one", b"two", b""], object)
    assert frequent.transcripts(known, 3).tolist() == [b"two"] * 3


def digits(folder, indices):
    """Returns samples and words by speaker."""
    groups = {}
    for path in sorted(folder.glob("recordings/*.wav")):
        digit, speaker, index = path.stem.split("_")
        if int(index) in indices:
            samples = fsdd.samples(path.read_bytes())
            word = fsdd.DIGITS[int(digit)]
            groups.setdefault(speaker, []).append((samples, word))
    return groups


def joined(groups, rng):
    """Returns a recording of one to five digits of a speaker."""
    group = groups[rng.choice(sorted(groups))]
    chosen = [group[i] for i in rng.integers(len(group), size=rng.integers(6))]
    words = [word for _, word in chosen]
    noise = rng.normal(0, 100, RATE // 2).astype(np.int16)
    parts = [samples for samples, _ in chosen] or [noise]
    return pcm_file(connected.connect(parts, RATE, rng)), " ".join(words)


def pcm_file(samples):
    return writing.wav_file(samples.astype(np.float32) / 2**15, RATE)


@pytest.mark.real_data
def test_recognizes_isolated_and_connected_digits(public_data):
    """Of the published split, with a ninth of the training recordings."""
    folder = public_data("free-spoken-digit-dataset")
    train, valid, test = (
        digits(folder, indices)
        for indices in (range(5, 10), range(10, 12), range(5))
    )

    def isolated(groups):
        return [
            (pcm_file(samples), word)
            for group in groups.values()
            for samples, word in group
        ]

    rng = np.random.default_rng(0)
    tuning = [joined(valid, rng) for _ in range(30)]
    sequences = [joined(test, rng) for _ in range(40)]
    singles = isolated(test)
    answers = template_matching.transcripts(
        RATE, *map(dataset, (isolated(train), tuning, singles + sequences))
    ).tolist()
    transcripts = [word for _, word in singles + sequences]
    assert len(singles) == 300
    correct = [a.decode() == b for a, b in zip(answers, transcripts)][:300]
    assert np.mean(correct) > 0.9
    *errors, length = np.sum(
        [
            error_rates.counts(reference.split(), error_rates.words(answer))
            for reference, answer in zip(transcripts[300:], answers[300:])
        ],
        axis=0,
    )
    assert sum(errors) / length < 0.2
