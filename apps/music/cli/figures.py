"""A piano roll: the notes of a piece, and how much each frame surprises."""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from apps.music.data import rolls
from apps.music.data.midi import quantization
from common.evaluation.plots import Figure

NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B")
NATURAL = (0, 2, 4, 5, 7, 9, 11)
VOICES = ("Soprano", "Alto", "Tenor", "Bass")
VOICE_COLORS = ("#d1495b", "#e39b1f", "#2e8b6f", "#30638e")
PRIMER_COLOR, NEW_COLOR = "#8a97a8", "#d1495b"
PRIMER_ALPHA = 0.45  # Of the colors of voices.
BLACK_KEY_COLOR, SURPRISE_COLOR = "#f1f2f5", "#5b5f97"
INCHES_PER_BEAT, INCHES_PER_KEY = 0.3, 0.12
SHORTEST, LONGEST = 7.0, 40.0  # Width in inches.
LOWEST_CHART = 2.8  # Height in inches.
MARGIN = 2  # Keys above and below the notes.
LEAST_KEYS = 20
ALL_NATURAL_KEYS = 48  # At most; charts of more keys name each C alone.
NOTE_HEIGHT, GAP = 0.84, 0.05  # Of a key; of a frame, between notes.
# Voices in unison remain visible: lower, and shifted by this from one to one.
VOICE_HEIGHT, VOICE_SHIFT = 0.52, 0.16


def piano_roll(
    frames: np.ndarray,
    frames_per_beat: int,
    primer_frames: int = 0,
    nats: np.ndarray | None = None,
    title: str = "",
) -> Figure:
    """Draws the notes over time in beats, and below them the surprise.

    Args:
      frames: (frames, 88) of zeros and ones, or (frames, 4) of the pitches of
        soprano, alto, tenor and bass; negative: after the end.
      frames_per_beat: Frames a quarter note.
      primer_frames: Number of the first frames that were given; the others are
        drawn as new ones.
      nats: (frames,), the surprise of each frame, NaN where there is none.
      title: Above the chart.
    """
    frames = frames[frames[:, 0] >= 0]
    low, high = _key_range(frames)
    beats = max(len(frames) / frames_per_beat, 1)
    height = max((high - low) * INCHES_PER_KEY, LOWEST_CHART)
    charts = [height] if nats is None else [height, 1.2]
    figure = Figure(
        figsize=(
            np.clip(1.5 + INCHES_PER_BEAT * beats, SHORTEST, LONGEST),
            sum(charts) + 1.2,
        ),
        layout="constrained",
    )
    axes, *lower = figure.subplots(
        len(charts), sharex=True, height_ratios=charts, squeeze=False
    )[:, 0]
    _draw_keys(axes, low, high)
    _draw_notes(axes, frames, frames_per_beat, primer_frames)
    axes.set(xlim=(0, beats), ylim=(low - 0.5, high + 0.5))
    axes.set_title(title, loc="left")
    for surprise in lower:
        _draw_surprise(surprise, nats[: len(frames)], frames_per_beat)
    for chart in (axes, *lower):
        _draw_bars(chart, beats)
        if primer_frames:
            place = primer_frames / frames_per_beat
            chart.axvline(place, color="0.25", ls="--", lw=1, zorder=3)
    (lower or [axes])[-1].set_xlabel("beat")
    return figure


def _key_range(frames):
    """Returns the lowest and the highest pitch of the chart."""
    pitches = quantization.held_notes(frames)[:, 2]
    if not len(pitches):
        pitches = np.array([60])
    low, high = pitches.min() - MARGIN, pitches.max() + MARGIN
    more = max(LEAST_KEYS - (high - low), 0)
    return int(low - more // 2), int(high + (more + 1) // 2)


def _draw_keys(axes, low, high):
    """Shades the rows of black keys, and names keys."""
    keys = np.arange(low, high + 1)
    for key in keys:
        if key % 12 not in NATURAL:
            axes.axhspan(
                key - 0.5, key + 0.5, color=BLACK_KEY_COLOR, lw=0, zorder=0
            )
        if key % 12 == 0:
            axes.axhline(key - 0.5, color="0.75", lw=0.8, zorder=1)
    is_few = len(keys) <= ALL_NATURAL_KEYS
    named = [k for k in keys if k % 12 in (NATURAL if is_few else (0,))]
    labels = [f"{NAMES[key % 12]}{key // 12 - 1}" for key in named]
    axes.set_yticks(named, labels, fontsize="x-small")
    axes.tick_params(axis="y", length=0)


def _draw_notes(axes, frames, frames_per_beat, primer_frames):
    is_roll = frames.shape[1] == quantization.KEYS
    colors = (NEW_COLOR,) if is_roll else VOICE_COLORS
    labels = ("continuation" if primer_frames else "",) if is_roll else VOICES
    new = quantization.held_notes(frames[primer_frames:])
    given = quantization.held_notes(frames[:primer_frames])
    new[:, :2] += primer_frames
    for voice, color in enumerate(colors):
        shift = 0 if is_roll else (1.5 - voice) * VOICE_SHIFT
        height = NOTE_HEIGHT if is_roll else VOICE_HEIGHT
        of_primer = (PRIMER_COLOR, 1) if is_roll else (color, PRIMER_ALPHA)
        for notes, note_color, alpha in (
            (new, color, 1),
            (given, *of_primer),
        ):
            corners = _corners(notes[notes[:, 3] == voice], shift, height)
            corners[..., 0] /= frames_per_beat
            axes.add_collection(
                PolyCollection(
                    corners, color=note_color, alpha=alpha, lw=0, zorder=2
                )
            )
    _draw_legend(axes, colors, labels, primer_frames)


def _draw_legend(axes, colors, labels, primer_frames):
    handles = [Patch(color=c, label=n) for c, n in zip(colors, labels) if n]
    if primer_frames:
        alpha = 1 if len(colors) == 1 else PRIMER_ALPHA
        primer = Patch(color=PRIMER_COLOR, alpha=alpha, label="primer")
        handles.insert(0, primer)
    if handles:
        axes.legend(
            handles=handles,
            loc="lower right",
            bbox_to_anchor=(1, 1),
            ncols=len(handles),
            frameon=False,
            fontsize="small",
            borderaxespad=0.2,
            handlelength=1.2,
        )


def _corners(notes, shift, height):
    """Returns the corners of notes in frames and keys, (notes, 4, 2).

    The rectangles are a little shorter than the notes.
    """
    left, right = notes[:, 0], notes[:, 1] - GAP
    bottom = notes[:, 2] + shift - height / 2
    top = bottom + height
    corners = [[left, bottom], [left, top], [right, top], [right, bottom]]
    return np.transpose(corners, [2, 0, 1]).astype(float)


def _draw_surprise(axes, nats, frames_per_beat):
    edges = np.arange(len(nats) + 1) / frames_per_beat
    values = np.nan_to_num(nats)
    axes.stairs(values, edges, fill=True, color=SURPRISE_COLOR, alpha=0.8)
    known = nats[np.isfinite(nats)]
    if len(known):
        axes.axhline(known.mean(), color="0.25", lw=1, ls=":", label="mean")
        axes.legend(loc="upper right", fontsize="small", frameon=False)
    axes.set(ylabel="nats", ylim=(0, None))


def _draw_bars(axes, beats):
    """Draws lines at beats and at bars."""
    axes.xaxis.set_major_locator(
        MaxNLocator(nbins=20, integer=True, steps=[1, 2, 4, 8])
    )
    bars = np.arange(0, beats, rolls.BEATS_PER_BAR)
    ends = axes.get_ylim()
    axes.vlines(bars, *ends, color="0.8", lw=0.8, zorder=1)
    axes.set_ylim(*ends)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
