"""The functions of a composer that answer, each one graph."""

import dataclasses

import tensorflow as tf

from apps.music.model import composition
from apps.music.model import frames as frames_lib
from apps.music.model import graphs
from apps.music.model import piece_reader
from apps.music.model import scoring
from common.generation import batches
from common.generation import decoding


@dataclasses.dataclass(frozen=True)
class DecodingOptions:
    """How `Serving.serve` composes; see `Composition.generate`."""

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


class Serving:
    """The signatures of a composer.

    Args:
      network: A `FrameNetwork`.
      head: The distribution of a frame.
      arguments: `Arguments`.

    Attributes:
      reader: A `PieceReader`.
    """

    def __init__(self, network, head, arguments):
        self.reader = piece_reader.PieceReader(network, head, arguments)
        self._arguments, self._options = arguments, DecodingOptions()
        self._composition = composition.Composition(self.reader)
        scorer = scoring.Scorer(self.reader)
        piece = piece_reader.input_spec(arguments.network)
        soprano = tf.TensorSpec([None, None], tf.int32, "soprano")
        count = tf.TensorSpec([], tf.int32, "count")
        self.serve = graphs.graph_of(self._serve, [piece])
        self.generate = graphs.graph_of(
            self._composition.generate, [piece, count, *NUMBERS]
        )
        self.harmonize = graphs.graph_of(
            self._composition.harmonize, [soprano, *NUMBERS]
        )
        self.score = graphs.graph_of(scorer.score, [piece])
        self.predictions = graphs.graph_of(scorer.predictions, [piece])
        self.step = graphs.graph_of(
            self._step, [*self._step_specs(), *NUMBERS[:2], NUMBERS[-1]]
        )

    def configure(self, options: DecodingOptions) -> None:
        """Sets how `serve` composes, before its first call."""
        self._options = options

    def signatures(self):
        signatures = {
            "generate": self.generate,
            "score": self.score,
            "step": self.step,
        }
        if self.reader.network.reader:
            signatures["harmonize"] = self.harmonize
        return signatures

    def _serve(self, piece):
        """Returns pieces, continued by the bars of the decoding options."""
        options = self._options
        bar = piece_reader.BEATS * self._arguments.frames_per_beat
        if options.primer_bars:
            piece = piece[:, : options.primer_bars * bar]
        return self._composition.generate(
            piece,
            options.bars * bar,
            options.temperature,
            options.top_p,
            options.tempo,
            options.sampling_seed,
        )

    def new_piece(self, bars, config, seed):
        """Composes a piece from nothing, outside of a graph.

        Args:
          bars: int; of four beats.
          config: Decoding options.
          seed: int.

        Returns:
          int32 (frames, 88) or, of voices, (frames, 4).
        """
        spec = piece_reader.input_spec(self._arguments.network)
        outputs = self.generate(
            tf.zeros([1, 0, spec.shape[-1]], tf.int32),
            bars * piece_reader.BEATS * self._arguments.frames_per_beat,
            config.temperature,
            config.top_p,
            config.tempo,
            seed,
        )
        return outputs[spec.name][0].numpy()

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
        head, rows = self.reader.head, tf.shape(frame)[0]
        states = [
            batches.valid_state(values, rows, spec.name)
            for values, spec in zip(states, self.state_specs())
        ]
        is_start = tf.reduce_any(frame < 0, -1, keepdims=True)
        read, _ = self.reader.read_input(tf.maximum(frame, 0)[:, None])
        previous = tf.where(is_start, frames_lib.START, read[:, 0])
        vectors, states = self.reader.network.step(previous, states)
        counts = tf.ones_like(previous[:, 0])
        seeds = piece_reader.seeds_of(previous[:, None], counts, seed)
        chosen = head.draw(
            vectors,
            decoding.uniforms(seeds, 0, [head.width]),
            *graphs.sampling(temperature, top_p),
        )
        if self._arguments.network == "voices":
            chosen = frames_lib.pitches(chosen)
        elif self._arguments.network == "melody":
            chosen = frames_lib.roll(chosen)
        after = {
            f"next_{spec.name}": state
            for spec, state in zip(self._step_specs()[1:], states)
        }
        return {"next_frame": chosen, **after}

    def _step_specs(self):
        size = piece_reader.input_spec(self._arguments.network).shape[-1]
        frame = tf.TensorSpec([None, size], tf.int32, "frame")
        return [frame, *self.state_specs()]

    def state_specs(self):
        """Returns the specs of the states of `step`."""
        return [
            tf.TensorSpec([None, *shape], tf.float32, f"state_{i}")
            for i, shape in enumerate(self.reader.network.state_shapes)
        ]
