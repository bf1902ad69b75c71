"""Names of encodings and of other files, for messages about WAV files."""

import tensorflow as tf

from common.images import binary

# Of the field "encoding" of WAV files.
NAMES = {
    2: "Microsoft ADPCM",
    6: "A-law",
    7: "mu-law",
    17: "IMA ADPCM",
    49: "GSM",
    80: "MPEG",
    85: "MP3",
    255: "AAC",
}
CONVERT = "convert it with `ffmpeg -i INPUT -c:a pcm_s16le OUTPUT.wav`"
# Of files: their first bytes, or those from an offset on; what they are, and
# the remedy.
KINDS = [
    (0, b"FORM", "an AIFF file", CONVERT),
    (0, b"fLaC", "a FLAC file", CONVERT),
    (0, b"OggS", "an OGG file", CONVERT),
    (0, b"ID3", "an MP3 file", CONVERT),
    (0, b"\xff\xfb", "an MP3 file", CONVERT),
    (0, b"\xff\xf3", "an MP3 file", CONVERT),
    (4, b"ftyp", "an MP4 or M4A file", CONVERT),
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska file", CONVERT),
    (0, b".snd", "an AU file", CONVERT),
    (0, b"<", "a web page or XML", "check how it was downloaded"),
    (0, b"{", "JSON", "check how it was downloaded"),
    (0, b"", "text, or damaged", "check how it was made"),
]


def not_supported(encoding: tf.Tensor) -> tf.Tensor:
    """Returns the reason why an encoding is not read; a string scalar.

    Args:
      encoding: int32 scalar, the field of the file.
    """
    name = tf.strings.join(["format ", tf.strings.as_string(encoding)])
    for number, known in NAMES.items():
        name = tf.where(encoding == number, known, name)
    reason = f", not as PCM or float: {CONVERT}"
    return tf.strings.join(["is encoded as ", name, reason])


def not_wav(content: tf.Tensor) -> tf.Tensor:
    """Returns the reason why a file is not a WAV file; a string scalar."""
    reason = tf.constant("")
    for offset, magic, kind, remedy in reversed(KINDS):
        start = binary.slice_bytes(content, offset, len(magic))
        line = f"is {kind}, not a WAV file: {remedy}"
        reason = tf.where(start == magic, line, reason)
    return reason
