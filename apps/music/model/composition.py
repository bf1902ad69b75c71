"""Continues and harmonizes pieces."""

import tensorflow as tf

from apps.music.model import frames as frames_lib
from apps.music.model import graphs
from apps.music.model import midi_bytes
from apps.music.model import piece_reader
from common.generation import decoding
from common.generation import numbers


class Composition:
    """Continues pieces, and adds lower voices to melodies.

    Args:
      reader: A `PieceReader`.
    """

    def __init__(self, reader):
        self._reader = reader
        self._network, self._head = reader.network, reader.head
        self._arguments = reader.arguments

    def generate(self, piece, count, temperature, top_p, tempo, seed):
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
        primer, counts = self._reader.read_input(piece)
        count = numbers.clipped(count, 0, piece_reader.MAX_FRAMES, "count")
        vectors, states, previous = self._reader.start(primer, counts)
        composed = self._compose(
            previous,
            states,
            count,
            piece_reader.seeds_of(primer, counts, seed),
            *graphs.sampling(temperature, top_p),
        )
        frames = _joined(primer, counts, composed)
        return self._answer(frames, counts + tf.shape(composed)[1], tempo)

    def harmonize(self, soprano, temperature, top_p, tempo, seed):
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
            piece_reader.seeds_of(melody, counts, seed),
            *graphs.sampling(temperature, top_p),
        )
        return self._answer(frames, counts, tempo)

    def _compose(self, previous, states, count, seeds, *sampling):
        """Returns the frames that follow, int32 (batch, count, width)."""
        width = self._head.width

        def body(time, previous, states, frames):
            vectors, states = self._network.step(previous, states)
            drawn = decoding.uniforms(seeds, time, [width])
            previous = self._head.draw(vectors, drawn, *sampling)
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

    def _voices_below(self, melody, counts, seeds, *sampling):
        """Returns all voices, int32 (batch, frames, 4).

        All frames have the same random numbers, so that voices do not jump
        while their distributions stay the same.
        """
        steps = tf.shape(melody)[1]
        # One frame of padding, at least: without any, it cannot be read.
        melody = tf.pad(melody, [[0, 0], [0, tf.maximum(1 - steps, 0)]])
        vectors = self._network.of_melody(melody, counts)
        shape = tf.shape(melody)
        drawn = decoding.uniforms(seeds, 0, [self._head.width])
        frames = self._head.draw(
            tf.reshape(vectors, [-1, self._arguments.units]),
            tf.repeat(drawn, shape[1], 0),
            *sampling,
            given=tf.reshape(melody, [-1]),
        )
        frames = tf.reshape(frames, [shape[0], shape[1], self._head.width])
        return frames[:, :steps]

    def _answer(self, frames, counts, tempo):
        """Returns the outputs for frames (batch, frames, width)."""
        outputs = {}
        sounding = frames
        if self._head.width != frames_lib.KEYS:
            sounding = frames_lib.roll(frames)
        roll = frames_lib.padded(sounding, counts)
        written = frames_lib.padded(sounding, counts, -1)
        if self._arguments.network == "voices":
            voices = frames_lib.pitches(frames)
            outputs["voices"] = frames_lib.padded(voices, counts)
            written = frames_lib.padded(voices, counts, -1)
        tempo = numbers.clipped(tf.cast(tempo, tf.float32), 10, 1000, "tempo")
        return {
            **outputs,
            "roll": roll,
            "frames": counts,
            "midi_bytes": midi_bytes.midi_file(
                written, tempo, self._arguments.frames_per_beat
            ),
        }


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
