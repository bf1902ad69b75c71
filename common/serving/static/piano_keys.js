/** Moves through the notes of an editor, and changes them, with the keyboard. */

const OCTAVE = 12;

/** Listens to the board of an editor. */
export function listenToKeys(editor, { lowest, highest, framesPerBeat }) {
  const { composition, grid, cursor } = editor;
  const move = (frames, pitches) => {
    cursor.frame = Math.max(0, Math.min(editor.size() - 1, cursor.frame + frames));
    cursor.pitch = Math.max(lowest, Math.min(highest, cursor.pitch + pitches));
  };
  const step = (event) => (event.ctrlKey || event.metaKey ? framesPerBeat : 1);

  function noteHere() {
    return composition.noteAt(cursor.frame, cursor.pitch);
  }
  function toggle() {
    const note = noteHere();
    if (note) composition.remove(note);
    else composition.add(cursor.frame, cursor.pitch, framesPerBeat);
  }
  function lengthen(frames) {
    const note = noteHere();
    if (note) composition.resize(note, note.end + frames);
    if (!noteHere()) move(-1, 0);
  }
  function remove() {
    const note = noteHere();
    if (note) composition.remove(note);
  }

  const actions = {
    ArrowLeft: (event) => (event.shiftKey ? lengthen(-1) : move(-step(event), 0)),
    ArrowRight: (event) => (event.shiftKey ? lengthen(1) : move(step(event), 0)),
    ArrowUp: () => move(0, 1),
    ArrowDown: () => move(0, -1),
    PageUp: () => move(0, OCTAVE),
    PageDown: () => move(0, -OCTAVE),
    Home: () => move(-Infinity, 0),
    End: () => move(Infinity, 0),
    " ": toggle,
    Enter: toggle,
    Delete: remove,
    Backspace: remove,
  };
  grid.board.addEventListener("keydown", (event) => {
    const isSubmitted = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const action = actions[event.key];
    if (!action || isSubmitted) return;
    event.preventDefault();
    action(event);
    editor.change();
    grid.board
      .querySelector(".cursor")
      .scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}
