"""What two shapes do: motions of a few frames that follow one another.

A motion begins at any place, size and angle, and no frame of it looks
different from a frame of another motion; what differs is the change from one
frame to the next. A motion that does not fit (a shape would leave the frame or
touch the other one) is drawn again.
"""

import cmath
import dataclasses
import math
import random
from collections.abc import Callable

SIDE = 32  # Of a frame, in pixels.
RADII = (3.0, 6.2)  # Of the circle around a shape.
GAP = 0.8  # Least distance of two shapes, unless they collide.
MARGIN = 0.3  # Least distance of a shape from the border.
GRAVITY = 0.22  # Pixels per frame, squared.
MOTION_FRAMES = (5, 10)
REST_FRAMES = (1, 4)  # At the beginning of a clip.
ATTEMPTS = 40  # Draws of one motion.


@dataclasses.dataclass(frozen=True)
class Body:
    """A shape in one frame: center (x + iy), radius, and angle in radians."""

    center: complex
    radius: float
    angle: float


Pair = tuple[Body, Body]


def _reflected(value, low, high):
    """Returns where a point is that is reflected at the bounds."""
    span = high - low
    place = (value - low) % (2 * span)
    return low + min(place, 2 * span - place)


def _rest(pair, frames, rng):
    return [pair] * frames


def _of_one(change: Callable) -> Callable:
    """Returns a motion of one of the shapes, while the other one rests.

    Args:
      change: Maps a body and a random generator to a function from the number
        of the frame, from 1, to the body.
    """

    def motion(pair, frames, rng):
        actor = rng.randrange(2)
        body_at = change(pair[actor], rng)
        bodies = [body_at(k) for k in range(1, frames + 1)]
        still = pair[1 - actor]
        return [(b, still) if actor == 0 else (still, b) for b in bodies]

    return motion


def _slide(body, rng):
    speed = rng.choice([-1, 1]) * rng.uniform(0.9, 1.6)
    low, high = body.radius + MARGIN, SIDE - body.radius - MARGIN

    def at(k):
        x = _reflected(body.center.real + speed * k, low, high)
        return dataclasses.replace(body, center=complex(x, body.center.imag))

    return at


def _bounce(body, rng):
    """Falls to a floor below, or jumps first."""
    floor = SIDE - body.radius - MARGIN
    y, speed = body.center.imag, rng.choice([-1, 1]) * rng.uniform(1.0, 1.6)
    heights = [y]
    for _ in range(MOTION_FRAMES[1]):
        y, speed = y + speed, speed + GRAVITY
        if y > floor:
            y, speed = 2 * floor - y, -speed
        heights.append(y)

    def at(k):
        center = complex(body.center.real, heights[k])
        return dataclasses.replace(body, center=center)

    return at


def _turn(body, rng):
    step = rng.choice([-1, 1]) * rng.uniform(0.25, 0.42)
    return lambda k: dataclasses.replace(body, angle=body.angle + step * k)


def _resize(sign):
    def change(body, rng):
        step = sign * rng.uniform(0.3, 0.42)
        return lambda k: dataclasses.replace(
            body, radius=body.radius + step * k
        )

    return change


def _moved(pair, *steps):
    return tuple(
        dataclasses.replace(body, center=body.center + step)
        for body, step in zip(pair, steps)
    )


def _chase(pair, frames, rng):
    """One shape flees along the line through the centers; one follows."""
    hunter = rng.randrange(2)
    line = pair[1 - hunter].center - pair[hunter].center
    step = line / abs(line) * rng.uniform(0.9, 1.6)
    return [_moved(pair, step * k, step * k) for k in range(1, frames + 1)]


def _collide(pair, frames, rng):
    """The shapes move towards each other, touch, and part again."""
    line = pair[1].center - pair[0].center
    step = line / abs(line) * rng.uniform(0.8, 1.4)
    room = (abs(line) - pair[0].radius - pair[1].radius) / 2 / abs(step)
    if room > frames - 1.5:  # They would not touch.
        return None
    steps = [k if k < room else 2 * room - k for k in range(1, frames + 1)]
    return [_moved(pair, step * k, -step * k) for k in steps]


MOTIONS = {
    "rests": _rest,
    "slides": _of_one(_slide),
    "bounces": _of_one(_bounce),
    "turns": _of_one(_turn),
    "grows": _of_one(_resize(1)),
    "shrinks": _of_one(_resize(-1)),
    "chases": _chase,
    "collides": _collide,
}


def _fits(pair, gap):
    for body in pair:
        reach = body.radius + MARGIN - 1e-9
        x, y = body.center.real, body.center.imag
        if not RADII[0] <= body.radius <= RADII[1]:
            return False
        if not (reach <= x <= SIDE - reach and reach <= y <= SIDE - reach):
            return False
    distance = abs(pair[0].center - pair[1].center)
    return distance >= pair[0].radius + pair[1].radius + gap


def _start(rng):
    while True:
        bodies = [
            Body(
                complex(rng.uniform(0, SIDE), rng.uniform(0, SIDE)),
                rng.uniform(*RADII),
                cmath.phase(cmath.rect(1, rng.uniform(0, math.tau))),
            )
            for _ in range(2)
        ]
        if _fits(bodies, GAP):
            return tuple(bodies)


def _draw_labels(frames, rng):
    """Returns pairs of label and number of frames.

    A clip begins at rest, since the motion that led to a first frame is
    unknown. No label follows itself.
    """
    segments = [("rests", rng.randint(*REST_FRAMES))]
    left = frames - segments[0][1]
    while left:
        names = [name for name in MOTIONS if name != segments[-1][0]]
        length = rng.randint(*MOTION_FRAMES)
        if left - length < MOTION_FRAMES[0]:
            length = left if left <= MOTION_FRAMES[1] else left // 2
        segments.append((rng.choice(names), length))
        left -= length
    return segments


def _play(segments, rng):
    """Returns the pair of each frame, or None if a motion did not fit."""
    pair, pairs = _start(rng), []
    for label, frames in segments:
        gap = 0 if label == "collides" else GAP
        for _ in range(ATTEMPTS):
            played = MOTIONS[label](pair, frames, rng)
            if played and all(_fits(p, gap - 1e-9) for p in played):
                break
        else:
            return None
        if label == "collides" and not _fits(played[-1], GAP):
            return None  # The next motion could not begin.
        pairs += played
        pair = played[-1]
    return pairs


def draw(frames: int, rng: random.Random) -> tuple[list[Pair], list[str]]:
    """Returns the shapes of each frame, and the label of each frame.

    The label of a frame is the motion that led to it.

    Args:
      frames: Their number.
      rng: Draws them.
    """
    segments = _draw_labels(frames, rng)
    while (pairs := _play(segments, rng)) is None:
        pass
    labels = [label for label, count in segments for _ in range(count)]
    return pairs, labels
