"""Files and columns that give the splits of a user's own data, in all apps."""

import dataclasses

import pytest

from apps.captioning import Captioning
from apps.language_model import LanguageModel
from apps.music import Music
from apps.qa import QA
from apps.sentiment import Sentiment
from apps.speech import Speech
from apps.stock import Stock
from apps.translation import Translation
from apps.video import Video
from apps.video_forecast import VideoForecast
from common.errors import UserError
from tests import variants
from tests.apps import test_damaged_files as own_files

COUNTS = {"train": 60, "valid": 5, "test": 7}
SPLITS = tuple(COUNTS)
# Rows of a table by the app that reads it, and the header of its columns.
TABLES = {
    Sentiment: ("{label},text {0}", "label,text"),
    Translation: ("source {0},target {0}", "source,target"),
    Captioning: ("{0}.png,caption {0}", "file,caption"),
    Speech: ("{0}.wav,word {0}", "file,transcript"),
    Video: ("{0}.png,0,0.1,falls", "file,start,end,label"),
}
# Contents of the files that rows name, by their ending.
FILES = {".png": own_files.picture, ".wav": own_files.recording}


def lines(form, numbers):
    return "".join(form.format(n, label=n % 2) + "\n" for n in numbers)


def write_files(folder, form, numbers):
    """Writes the files that rows of a form name, if they do."""
    for ending, content_of in FILES.items():
        for number in numbers if ending in form else ():
            (folder / f"{number}{ending}").write_bytes(content_of(number))


def write_table(app_class):
    def write(folder, name, numbers):
        form, header = TABLES[app_class]
        write_files(folder, form, numbers)
        path = folder / f"{name}.csv"
        path.write_text(f"{header}\n{lines(form, numbers)}")
        return str(path)

    return write


def write_parallel_text(folder, name, numbers):
    paths = [folder / f"{name}.{language}" for language in ("en", "de")]
    for path in paths:
        path.write_text(lines("sentence {0}", numbers))
    return ",".join(map(str, paths))


def write_text(form):
    def write(folder, name, numbers):
        path = folder / f"{name}.txt"
        path.write_text(lines(form, numbers))
        return str(path)

    return write


def write_clips(folder, name, numbers):
    clips = folder / name
    clips.mkdir()
    for number in numbers:
        (clips / f"{number}.npy").write_bytes(own_files.clip(number))
    return str(clips)


def write_tunes(folder, name, numbers):
    tunes = folder / name
    tunes.mkdir()
    for number in numbers:
        content = own_files.tune(number)
        (tunes / f"{number}.mid").write_bytes(content)
    return str(tunes)


WRITERS = [
    *((app_class, write_table(app_class)) for app_class in TABLES),
    (Translation, write_parallel_text),
    (QA, write_text(own_files.STORY.rstrip("\n"))),
    (LanguageModel, write_text("the dog {0}")),
    (VideoForecast, write_clips),
    (Music, write_tunes),
]
IDS = [f"{app.name}-{number}" for number, (app, _) in enumerate(WRITERS)]
every_app = pytest.mark.parametrize("own", WRITERS, ids=IDS, indirect=True)
# Examples are divided by common code: at random, or in their order.
quick_apps = pytest.mark.parametrize(
    "own",
    variants.extended(
        WRITERS, *(w for w in WRITERS if w[0] in (Sentiment, LanguageModel))
    ),
    ids=IDS,
    indirect=True,
)


@pytest.fixture
def own(request, tmp_path):
    """Returns an app, and the paths of files for each split."""
    app_class, write = request.param
    paths, first = {}, 0
    for split, count in COUNTS.items():
        numbers = range(first, first + count)
        paths[split] = write(tmp_path, split, numbers)
        first += count
    return app_class, paths


def make_app(app_class, folder, **options):
    known = {field.name for field in dataclasses.fields(app_class.Config)}
    small = {"context": 2, "horizon": 1, "image_size": 4, "frame_size": 4}
    small |= {"network": "nade"} if app_class is Music else {}
    return app_class(
        app_class.Config(
            run_dir=str(folder / "run"),
            **{name: small[name] for name in small if name in known},
            **options,
        )
    )


def read(app_class, folder, **options):
    """Returns the examples of each split."""
    return contents(make_app(app_class, folder, **options))


def contents(app):
    return {
        split: list(map(repr, app.examples(split).as_numpy_iterator()))
        for split in SPLITS
        if split == "test" or app.config.test_file != app.config.dataset
    }


@every_app
def test_each_file_is_a_split(own, tmp_path):
    app_class, paths = own
    examples = read(
        app_class,
        tmp_path,
        train_file=paths["train"],
        valid_file=paths["valid"],
        test_file=paths["test"],
    )
    assert {split: len(e) for split, e in examples.items()} == COUNTS
    assert len(set().union(*examples.values())) == sum(COUNTS.values())
    for split in ("valid", "test"):
        alone = read(
            app_class, tmp_path, dataset=paths[split], test_file=paths[split]
        )
        assert examples[split] == alone["test"]


@quick_apps
def test_a_test_file_leaves_a_part_of_the_training_file_for_validation(
    own, tmp_path, capsys
):
    app_class, paths = own
    examples = read(
        app_class,
        tmp_path,
        dataset=paths["train"],
        test_file=paths["test"],
    )
    counts = {split: len(e) for split, e in examples.items()}
    assert counts["test"] == COUNTS["test"]
    assert counts["valid"] > 0
    assert counts["train"] + counts["valid"] == COUNTS["train"]
    (line,) = (
        line
        for line in capsys.readouterr().err.splitlines()
        if line.startswith(f"{paths['train']}: ") and ": train " in line
    )
    assert f"train {counts['train']}, valid {counts['valid']}" in line
    assert line.endswith(f"test {COUNTS['test']} of {paths['test']}.")


@quick_apps
def test_test_examples_of_the_training_file_are_counted(own, tmp_path, capsys):
    app_class, paths = own
    examples = read(
        app_class, tmp_path, dataset=paths["train"], test_file=paths["valid"],
        valid_file=paths["valid"],
    )  # fmt: skip
    assert len(examples["test"]) == COUNTS["valid"]
    line = capsys.readouterr().err.splitlines()[-1]
    count = COUNTS["valid"]
    assert line.startswith(f"{count} of {count} test ")
    assert f" of {paths['valid']} are also training or validation " in line


@quick_apps
def test_folds_test_each_example_once(own, tmp_path):
    app_class, paths = own
    app = make_app(app_class, tmp_path, dataset=paths["train"])
    if app_class is LanguageModel:
        with pytest.raises(UserError, match="but .* their order give the spl"):
            app.dataset.splits.fold(1, 3)
        return
    tested, folds = [], [app.dataset.splits.fold(n, 3) for n in (1, 2, 3)]
    for fold in folds:
        app = make_app(app_class, tmp_path, dataset=paths["train"])
        app.dataset.splits = fold
        examples = contents(app)
        assert {split: len(e) for split, e in examples.items()} == {
            "train": 36,
            "valid": 4,
            "test": 20,
        }
        assert len(set().union(*examples.values())) == COUNTS["train"]
        tested += examples["test"]
    assert len(set(tested)) == COUNTS["train"]


@pytest.mark.parametrize(
    "app_class",
    variants.extended(TABLES, Sentiment),
    ids=lambda app: app.name,
)
def test_a_column_gives_the_splits_of_a_table(app_class, tmp_path):
    form, header = TABLES[app_class]
    numbers = range(sum(COUNTS.values()))
    write_files(tmp_path, form, numbers)
    names = ["train"] * 60 + ["Validation"] * 4 + ["dev"] + ["TEST"] * 7
    rows = lines(form, numbers).splitlines()
    path = tmp_path / "mine.csv"
    path.write_text(
        "\n".join(map(",".join, zip(["split", *names], [header, *rows])))
    )
    examples = read(app_class, tmp_path, dataset=str(path))
    assert {split: len(e) for split, e in examples.items()} == COUNTS


@pytest.mark.parametrize("app_class", [Captioning, Speech, Video])
def test_the_rows_of_a_file_have_one_split(app_class, tmp_path):
    form, header = TABLES[app_class]
    write_files(tmp_path, form, [0])
    row = form.format(0)
    path = tmp_path / "mine.csv"
    path.write_text(f"{header},split\n{row},train\n{row},test\n")
    with pytest.raises(UserError, match=r"0.\w+ name the splits train and"):
        read(app_class, tmp_path, dataset=str(path))


@pytest.mark.parametrize(
    ("app_class", "dataset"),
    [
        *((app_class, "sample") for app_class, _ in WRITERS),
        (Sentiment, "imdb"),
        (Stock, "prices"),
    ],
)
@pytest.mark.parametrize("option", ["valid_file", "test_file"])
def test_published_and_simulated_data_keep_their_splits(
    app_class, dataset, option, tmp_path
):
    with pytest.raises(
        UserError,
        match=f"--{option}=a.csv: the data set {dataset} has splits",
    ):
        read(app_class, tmp_path, dataset=dataset, **{option: "a.csv"})


def test_markets_have_no_folds_of_examples(tmp_path):
    """Those of stock follow one another in time."""
    with pytest.raises(UserError, match="cross_validate: the data set prices"):
        Stock.cross_validate(dataset="prices", run_dir=str(tmp_path / "run"))
