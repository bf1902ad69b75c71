/** The notes of an editor. A note that follows one of its pitch prolongs it. */

export class Composition {
  #rows = new Map(); // From a pitch to the frames in which it sounds.

  /** Returns the note that sounds at a place, or null. */
  noteAt(frame, pitch) {
    const row = this.#row(pitch);
    if (!row.has(frame)) return null;
    let [start, end] = [frame, frame + 1];
    while (row.has(start - 1)) start--;
    while (row.has(end)) end++;
    return { pitch, start, end };
  }

  /** Adds a note, which ends before the next one of its pitch. */
  add(frame, pitch, length) {
    const row = this.#row(pitch);
    for (let i = frame; i < frame + length && !row.has(i); i++) row.add(i);
  }

  remove({ pitch, start, end }) {
    for (let i = start; i < end; i++) this.#row(pitch).delete(i);
  }

  /** Lets a note end at another frame, at the earliest after its first one. */
  resize({ pitch, start, end }, newEnd) {
    const row = this.#row(pitch);
    for (let i = start; i < Math.max(end, newEnd); i++) {
      if (i <= start || i < newEnd) row.add(i);
      else row.delete(i);
    }
  }

  /** Returns a function that undoes later changes of a pitch. */
  snapshot(pitch) {
    const frames = new Set(this.#row(pitch));
    return () => this.#rows.set(pitch, new Set(frames));
  }

  /** Replaces all notes by those of frames of pitches. */
  fill(frames) {
    this.#rows.clear();
    frames.forEach((pitches, frame) => {
      for (const pitch of pitches) this.#row(pitch).add(frame);
    });
  }

  /** Returns the frame after the last note. */
  get end() {
    const last = [...this.#rows.values()].flatMap((row) => [...row]);
    return last.reduce((end, frame) => Math.max(end, frame + 1), 0);
  }

  /** Returns the pitches of as many frames, each the highest first. */
  frames(count) {
    const pitches = [...this.#rows.keys()].sort((a, b) => b - a);
    return Array.from({ length: count }, (_, frame) =>
      pitches.filter((pitch) => this.#row(pitch).has(frame)),
    );
  }

  #row(pitch) {
    if (!this.#rows.has(pitch)) this.#rows.set(pitch, new Set());
    return this.#rows.get(pitch);
  }
}
