"""The functions of a composer that answer, each one graph."""

import dataclasses
import inspect

import tensorflow as tf

from apps.music.model import frames as frames_lib
from apps.music.model import midi_bytes
from common.generation import batches
from common.generation import decoding
from common.generation import numbers

BEATS = 4  # Of a bar.
MAX_FRAMES = numbers.MAX_LENGTH  # Of a piece, and composed for an answer.
VOICES = 4


@dataclasses.dataclass(frozen=True)
class DecodingOptions:
    """How `Serving.serve` composes; see `Serving.generate`."""

    bars: int = 8
    primer_bars: int = 0
    temperature: float = 1.0
    top_p: float = 1.0
    tempo: float = 100.0
    sampling_seed: int = 0


NUMBERS = [
    tf.TensorSpec([], tf.float32, "temperature"),
    tf.TensorSpec([], tf.float32, "top_p"),
    tf.TensorSpec([], tf.float32, "tempo"),
    tf.TensorSpec([], tf.int32, "seed"),
]


def input_spec(network: str) -> tf.TensorSpec:
    """Returns the input of a network: a roll, or voices."""
    if network == "voices":
        return tf.TensorSpec([None, None, VOICES], tf.int32, "voices")
    return tf.TensorSpec([None, None, frames_lib.KEYS], tf.int32, "roll")


class Serving:
    """The signatures of a composer.

    Args:
      network: A `FrameNetwork`.
      head: The distribution of a frame.
      arguments: `Arguments`.
    """

    def __init__(self, network, head, arguments):
        self.network, self.head = network, head
        self.arguments = arguments
        self._options = DecodingOptions()
        spec = input_spec(arguments.network)
        self.serve = _graph(self._serve, [spec])
        self.generate = _graph(
            self._generate,
            [spec, tf.TensorSpec([], tf.int32, "count"), *NUMBERS],
        )
        self.score = _graph(self._score, [spec])
        self.predictions = _graph(self._predictions, [spec])
        self.step = _graph(
            self._step, [*self._step_specs(), *NUMBERS[:2], NUMBERS[-1]]
        )
        soprano = tf.TensorSpec([None, None], tf.int32, "soprano")
        self.harmonize = _graph(self._harmonize, [soprano, *NUMBERS])

    def configure(self, options: DecodingOptions) -> None:
        """Sets how `serve` composes, before its first call."""
        self._options = options

    def signatures(self):
        signatures = {
            "generate": self.generate,
            "score": self.score,
            "step": self.step,
        }
        if self.network.reader:
            signatures["harmonize"] = self.harmonize
        return signatures

    def read(self, roll=None, voices=None):
        """Returns the frames of pieces as the network reads them, and counts.

        Args:
          roll: int32 (batch, frames, 88), as in `frames`.
          voices: int32 (batch, frames, 4), as in `frames`.

        Returns:
          int32 (batch, frames, width) and (batch,).

        Raises:
          InvalidArgumentError: A piece has more than `MAX_FRAMES` frames.
        """
        pieces = roll if voices is None else voices
        counts = frames_lib.counts(pieces)
        is_short = tf.debugging.assert_less_equal(
            counts, MAX_FRAMES, f"A piece has more than {MAX_FRAMES:,} frames"
        )
        with tf.control_dependencies([is_short] if is_short else []):
            counts = tf.identity(counts)
        pieces = pieces[:, : tf.reduce_max(tf.concat([[0], counts], 0))]
        if voices is not None:
            return frames_lib.indices(pieces), counts
        if self.arguments.network == "melody":
            return frames_lib.highest(pieces), counts
        return frames_lib.keys(pieces), counts

    def _serve(self, piece):
        """Returns pieces, continued by the bars of the decoding options."""
        options = self._options
        bar = BEATS * self.arguments.frames_per_beat
        if options.primer_bars:
            piece = piece[:, : options.primer_bars * bar]
        return self._generate(
            piece,
            options.bars * bar,
            options.temperature,
            options.top_p,
            options.tempo,
            options.sampling_seed,
        )

    def _generate(self, piece, count, temperature, top_p, tempo, seed):
        """Returns pieces, each continued by `count` frames.

        A piece depends on its beginning and the seed alone.

        Args:
          piece: Rolls or voices, see `frames`; without frames, new pieces.
          count: int; frames to compose.
          temperature: float; 0 chooses the most probable outcomes.
          top_p: float; see `decoding.sample` and `choices.one_of_two`.
          tempo: float; beats per minute of the files.
          seed: int.

        Returns:
          "roll" (batch, frames, 88); with voices, also "voices" (batch,
          frames, 4); "frames" (batch,), of each piece with its beginning,
          zeros are behind them; and "midi_bytes" (batch,), the files.
        """
        primer, counts = self._read(piece)
        count = numbers.clipped(count, 0, MAX_FRAMES, "count")
        vectors, states, previous = self._start(primer, counts)
        composed = self._compose(
            previous,
            states,
            count,
            seeds_of(primer, counts, seed),
            *_sampling(temperature, top_p),
        )
        frames = _joined(primer, counts, composed)
        return self._answer(frames, counts + tf.shape(composed)[1], tempo)

    def _read(self, piece):
        name = input_spec(self.arguments.network).name
        return self.read(**{name: piece})

    def _start(self, primer, counts):
        """Reads beginnings.

        Returns:
          The vectors at their frames; the states before their last frames
          are read; and the last frames.
        """
        rows, width = tf.shape(counts)[0], self.head.width
        start = tf.fill([rows, 1, width], frames_lib.START)
        known = tf.concat([start, primer], 1)
        last = tf.gather(known, counts, batch_dims=1)
        steps = tf.shape(primer)[1]
        vectors, states = self.network(
            known[:, : tf.maximum(steps, 1)],  # One of padding, at least.
            counts,
            self.network.zero_states(rows),
        )
        return vectors[:, :steps], states, last

    def _compose(self, previous, states, count, seeds, *sampling):
        """Returns the frames that follow, int32 (batch, count, width)."""
        width = self.head.width

        def body(time, previous, states, frames):
            vectors, states = self.network.step(previous, states)
            drawn = decoding.uniforms(seeds, time, [width])
            previous = self.head.draw(vectors, drawn, *sampling)
            previous = tf.ensure_shape(previous, [None, width])
            return time + 1, previous, states, frames.write(time, previous)

        frames = tf.TensorArray(tf.int32, count, element_shape=previous.shape)
        *_, frames = tf.while_loop(
            lambda time, *_: time < count,
            body,
            (0, previous, states, frames),
        )
        # Without a frame, the array does not know the number of rows.
        first = tf.zeros_like(previous)[None][:0]
        frames = tf.cond(count > 0, frames.stack, lambda: first)
        return tf.transpose(frames, [1, 0, 2])

    def _answer(self, frames, counts, tempo):
        """Returns the outputs for frames (batch, frames, width)."""
        outputs = {}
        sounding = frames
        if self.head.width != frames_lib.KEYS:
            sounding = frames_lib.roll(frames)
        roll = frames_lib.padded(sounding, counts)
        written = frames_lib.padded(sounding, counts, -1)
        if self.arguments.network == "voices":
            voices = frames_lib.pitches(frames)
            outputs["voices"] = frames_lib.padded(voices, counts)
            written = frames_lib.padded(voices, counts, -1)
        tempo = numbers.clipped(tf.cast(tempo, tf.float32), 10, 1000, "tempo")
        return {
            **outputs,
            "roll": roll,
            "frames": counts,
            "midi_bytes": midi_bytes.midi_file(
                written, tempo, self.arguments.frames_per_beat
            ),
        }

    def _score(self, piece):
        """Returns the surprise of each frame of a piece.

        Returns:
          "nats" (batch, frames), the negative log-likelihood of each frame
          given those before it, zeros are behind the end; and
          "nats_per_frame" (batch,), their mean from the second frame on.
        """
        nats, counts, _ = self._scored(piece)
        later = tf.cast(tf.maximum(counts - 1, 1), tf.float32)
        mean = tf.reduce_sum(nats[:, 1:], 1) / later
        return {"nats": nats, "nats_per_frame": mean}

    def _predictions(self, piece):
        """Returns "nats" as `score`, and the most probable frames as rolls.

        "roll" (batch, frames, 88) holds, for each frame, the most probable
        notes, chosen one after the other, given the true frames before it.
        """
        nats, counts, vectors = self._scored(piece)
        flat = tf.reshape(vectors, [-1, self.arguments.units])
        chosen = self.head.draw(
            flat, tf.zeros([tf.shape(flat)[0], self.head.width]), 0.0, 1.0
        )
        shape = tf.concat([tf.shape(vectors)[:2], [self.head.width]], 0)
        chosen = tf.reshape(chosen, shape)
        if self.head.width != frames_lib.KEYS:
            chosen = frames_lib.roll(chosen)
        return {"nats": nats, "roll": frames_lib.padded(chosen, counts)}

    def _scored(self, piece):
        """Returns nats (batch, frames), numbers of frames, and vectors."""
        frames, counts = self._read(piece)
        vectors, _, _ = self._start(frames, counts)
        # Piece by piece: a joint distribution needs much memory.
        nats = tf.map_fn(
            lambda piece: tf.reduce_sum(self.head.nats(*piece), -1),
            (vectors, frames),
            fn_output_signature=tf.TensorSpec([None], tf.float32),
        )
        return frames_lib.padded(nats, counts), counts, vectors

    def _step(self, frame, *rest):
        """Reads a frame, and composes the next one.

        Args:
          frame: int32 (batch, 88) or (batch, 4), as in `frames`; -1 before
            the first one.
          *rest: The states, zeros before the first frame; temperature, top_p
            and seed, see `generate`. Change the seed from step to step.

        Returns:
          "next_frame", and "next_" with the name of each state.
        """
        *states, temperature, top_p, seed = rest
        rows = tf.shape(frame)[0]
        states = [
            batches.valid_state(values, rows, spec.name)
            for values, spec in zip(states, self.state_specs())
        ]
        is_start = tf.reduce_any(frame < 0, -1, keepdims=True)
        read, _ = self._read(tf.maximum(frame, 0)[:, None])
        previous = tf.where(is_start, frames_lib.START, read[:, 0])
        vectors, states = self.network.step(previous, states)
        counts = tf.ones_like(previous[:, 0])
        seeds = seeds_of(previous[:, None], counts, seed)
        chosen = self.head.draw(
            vectors,
            decoding.uniforms(seeds, 0, [self.head.width]),
            *_sampling(temperature, top_p),
        )
        if self.arguments.network == "voices":
            chosen = frames_lib.pitches(chosen)
        elif self.arguments.network == "melody":
            chosen = frames_lib.roll(chosen)
        after = {
            f"next_{spec.name}": state
            for spec, state in zip(self._step_specs()[1:], states)
        }
        return {"next_frame": chosen, **after}

    def _step_specs(self):
        size = input_spec(self.arguments.network).shape[-1]
        frame = tf.TensorSpec([None, size], tf.int32, "frame")
        return [frame, *self.state_specs()]

    def state_specs(self):
        """Returns the specs of the states of `step`."""
        return [
            tf.TensorSpec([None, *shape], tf.float32, f"state_{i}")
            for i, shape in enumerate(self.network.state_shapes)
        ]

    def _harmonize(self, soprano, temperature, top_p, tempo, seed):
        """Adds alto, tenor and bass to melodies, which stay as they are.

        Args:
          soprano: int32 (batch, frames); MIDI pitches, 0 for silence, -1
            behind the end.
          temperature: See `generate`, as for the others.
          top_p: float.
          tempo: float.
          seed: int.

        Returns:
          See `generate`.
        """
        melody = soprano[..., None]
        counts = frames_lib.counts(melody)
        melody = frames_lib.indices(melody)
        melody = melody[:, : tf.reduce_max(tf.concat([[0], counts], 0))]
        frames = self._voices_below(
            melody[..., 0],
            counts,
            seeds_of(melody, counts, seed),
            *_sampling(temperature, top_p),
        )
        return self._answer(frames, counts, tempo)

    def _voices_below(self, melody, counts, seeds, *sampling):
        """Returns all voices, int32 (batch, frames, 4).

        All frames have the same random numbers, so that voices do not jump
        while their distributions stay the same.
        """
        steps = tf.shape(melody)[1]
        # One frame of padding, at least: without any, it cannot be read.
        melody = tf.pad(melody, [[0, 0], [0, tf.maximum(1 - steps, 0)]])
        vectors = self.network.of_melody(melody, counts)
        shape = tf.shape(melody)
        drawn = decoding.uniforms(seeds, 0, [self.head.width])
        frames = self.head.draw(
            tf.reshape(vectors, [-1, self.arguments.units]),
            tf.repeat(drawn, shape[1], 0),
            *sampling,
            given=tf.reshape(melody, [-1]),
        )
        frames = tf.reshape(frames, [shape[0], shape[1], self.head.width])
        return frames[:, :steps]


def _graph(function, specs):
    """Returns the graph of a method, its arguments named as the specs.

    The method has one row at least.
    """

    def answer(*args, **arguments):
        bound = answer.__signature__.bind(*args, **arguments).args
        rows = tf.shape(bound[0])[0]
        outputs = function(
            *(
                batches.at_least_one(value) if spec.shape.rank else value
                for value, spec in zip(bound, specs)
            )
        )
        return {name: value[:rows] for name, value in outputs.items()}

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    answer.__signature__ = inspect.Signature(
        [inspect.Parameter(spec.name, kind) for spec in specs]
    )
    answer.__doc__ = function.__doc__
    return tf.function(answer, input_signature=specs, autograph=False)


def _sampling(temperature, top_p):
    """Returns the two numbers within their bounds, float."""
    temperature, top_p = (
        tf.cast(value, tf.float32) for value in (temperature, top_p)
    )
    return (
        numbers.clipped(temperature, 0, numbers.MAX_TEMPERATURE, "temperature"),
        numbers.clipped(top_p, 0, 1, "top_p"),
    )


def _joined(primer, counts, composed):
    """Returns beginnings and what follows them, (batch, frames, width)."""
    steps = tf.shape(composed)[1]
    total = tf.shape(primer)[1] + steps
    places = tf.range(total)[None] - counts[:, None]
    is_primer = places < 0
    room = tf.zeros([tf.shape(composed)[0], 1, composed.shape[-1]], tf.int32)
    later = tf.gather(
        tf.concat([composed, room], 1),
        tf.clip_by_value(places, 0, steps),
        batch_dims=1,
    )
    longer = tf.pad(primer, [[0, 0], [0, steps], [0, 0]])
    return tf.where(is_primer[..., None], longer, later)


def seeds_of(frames, counts, seed):
    """Returns a seed for each piece, which depends on it and on `seed`.

    Args:
      frames: int32 (batch, frames, width).
      counts: int32 (batch,).
      seed: int.
    """
    frames = frames_lib.padded(frames, counts)
    # Any odd numbers, different for neighbors; the sum wraps around.
    steps = tf.range(tf.shape(frames)[1])[:, None] * 40_503
    places = (steps + tf.range(frames.shape[-1])) * 2_654_435 + 1
    sums = tf.reduce_sum(frames * places, [1, 2])
    return tf.bitwise.bitwise_and(sums, 2**30 - 1) + seed
