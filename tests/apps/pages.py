"""The page of an app: the names that it needs, and its answer to an example."""

import json

import tensorflow as tf

# Fields of views that name no output.
OTHER = {"kind", "title", "signature", "arguments", "separator", "reading"}
OTHER |= {"levels", "unit", "frames_per_beat", "tempo", "given_frames"}
INPUTS = {
    *(("text", "start"), ("colored_words", "text")),
    *(("picture_maps", "picture"), ("fan_chart", "history")),
    *(("fan_chart", "dates"), ("transcript", "recording")),
    *(("piano_roll", "given"), ("frame_surprise", "given")),
}


def read(version):
    """Returns the description in an export."""
    return json.loads((version / "assets.extra" / "page.json").read_text())


def missing_names(page, model):
    """Returns the inputs and outputs of views that do not exist."""
    functions = {"serving_default": model.serve, **model.signatures()}
    known = {name for field in page["inputs"] for name in names_of(field)}
    fields, missing = set(known), set()
    for view in page["views"]:
        function = functions[view["signature"]]
        specs = tf.nest.flatten(function.input_signature)
        needed = {spec.name for spec in specs} - view["arguments"].keys()
        missing |= needed - known
        outputs = function.get_concrete_function().structured_outputs
        known |= outputs.keys()
        for name, value in view.items():
            is_input = (view["kind"], name) in INPUTS
            if name in OTHER or (view["kind"], name) == (
                "probability",
                "names",
            ):
                continue
            if value and value not in (fields if is_input else outputs):
                missing.add(value)
    return missing


def names_of(field):
    """Returns the inputs of signatures that a field fills."""
    if field["kind"] == "table":
        return [*field["columns"], field["file_stem"]]
    names = [field["name"], field.get("melody", "")]
    return [name for name in names if name]


def expected_text(view, outputs):
    """Returns a part of the drawing of a view.

    Args:
      view: Its description.
      outputs: Those of its signature for one row, as arrays.
    """
    first = {name: value[0] for name, value in outputs.items()}
    kind = view["kind"]
    if kind == "probability":
        probability = first[view["probability"]]
        probability = max(probability, 1 - probability)
        if probability > 0.9995:
            return "> 99.9 %"
        return f"{100 * probability:.1f} %"
    if kind == "fan_chart":
        middle = len(view["levels"]) // 2
        return f"{first[view['quantiles']][-1, middle]:#.4g}"
    if kind == "timeline":
        return first[view["segment_labels"]][0].decode()
    if kind == "frames":
        return "Play"
    if kind == "piano_roll":
        beats = first[view["frames"]] / view["frames_per_beat"]
        return f"{round(beats, 2):g} beats"
    if kind == "transcript":
        transcript = first[view["transcript"]].decode()
        return transcript or "No words were recognized."
    text = first[view["verdict" if kind == "ranking" else "text"]].decode()
    return " ".join(text.split()) or "The answer is empty."
