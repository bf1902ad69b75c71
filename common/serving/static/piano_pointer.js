/** Adds, removes and lengthens notes with the pointer. */

/** Listens to the board of an editor, whose first note has `length` frames. */
export function listenToPointer(editor, length) {
  const { composition, grid, cursor } = editor;
  let drag = null;

  function begin(event) {
    if (event.button !== 0) return;
    const { frame, pitch } = grid.placeOf(event);
    const restore = composition.snapshot(pitch);
    const note = composition.noteAt(frame, pitch);
    Object.assign(cursor, { frame, pitch });
    drag = { frame, note, restore, isNew: !note, isMoved: false };
    // A finger scrolls, if it does not begin at a note.
    if (event.pointerType === "touch" && drag.isNew) return;
    grid.board.setPointerCapture(event.pointerId);
    if (drag.isNew) add();
    editor.redraw();
  }

  function add() {
    const { frame, pitch } = cursor;
    composition.add(frame, pitch, length);
    // Of a note before it that it prolongs, the new part alone is dragged.
    const { end } = composition.noteAt(frame, pitch);
    drag.note = { pitch, start: frame, end };
  }

  function move(event) {
    if (!drag?.note) return;
    const { frame } = grid.placeOf(event);
    if (frame === drag.frame && !drag.isMoved) return;
    drag.isMoved = true;
    drag.restore();
    composition.resize(drag.note, frame + 1);
    editor.redraw();
  }

  function end() {
    if (!drag) return;
    const { note, isNew, isMoved } = drag;
    if (!note) add();
    else if (!isNew && !isMoved) composition.remove(note);
    if (isMoved) {
      // The next note is as long.
      const { start, pitch } = note;
      length = composition.noteAt(start, pitch).end - start;
    }
    drag = null;
    editor.change();
  }

  const { board } = grid;
  board.addEventListener("pointerdown", begin);
  board.addEventListener("pointermove", move);
  board.addEventListener("pointerup", end);
  board.addEventListener("pointercancel", () => (drag = null));
}
