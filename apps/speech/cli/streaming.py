"""A recording as a stream: its words as they come."""

from common.errors import UserError

CHUNK_SECONDS = 0.1  # What a microphone delivers at once.


def transcripts(model, name, content):
    """Yields a line whenever the transcript changes, and the final one.

    Args:
      model: A `Recognizer`.
      name: Of the recording.
      content: A WAV file.

    Raises:
      UserError: The model reads in both directions.
    """
    import tensorflow as tf

    from common.audio import decode

    signatures = model.signatures()
    if "step" not in signatures:
        raise UserError(
            "--stream needs a model that reads forward: train one with "
            "--nobidirectional."
        )
    rate = model.arguments.sample_rate
    samples = decode.read(tf.constant([content]), rate).samples
    state = signatures["start"](tf.constant([0]))
    size, printed = int(CHUNK_SECONDS * rate), ""
    for begin in range(0, samples.shape[1], size):
        chunk = samples[:, begin : begin + size]
        outputs = signatures["step"](chunk, *state.values())
        state = {key: outputs[key] for key in state}
        transcript = outputs["transcript"][0].numpy().decode()
        if transcript != printed:
            seconds = (begin + chunk.shape[1]) / rate
            yield f"  {seconds:7.2f} s  {transcript}"
            printed = transcript
    outputs = signatures["flush"](*state.values())
    yield f"{name}\t{outputs['transcript'][0].numpy().decode()}"
