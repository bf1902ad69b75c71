"""Measures how many labels a start from a language model saves.

    python -m benchmarks.few_labels --data_dir=FOLDER [--folder=runs/few_labels]

Of the training reviews of IMDB, 100, 500 and 2,500 are drawn, a fifth of them
for validation. Three classifiers are trained with each: one that starts from
the language model of the recipe imdb.flags (train it first), one that has the
same network and starts from scratch, and NB-SVM. They are scored on 5,000
reviews of the test split. Prints a table; writes scores.csv and scores.png.
Trained runs are skipped: after an interruption, the same command continues.
"""

import argparse
import csv
import pathlib
import random

from apps.sentiment import Sentiment
from apps.sentiment.data.imdb import IMDB
from common.data.records import BadRecords
from common.evaluation import plots

LABELS = (100, 500, 2500)
TEST_REVIEWS = 5000
# Few labels make few steps of an epoch. Chosen before any test review was read.
EPOCHS = {100: 20, 500: 8, 2500: 4}
OPTIONS = {
    "pooling": "mean_max",
    "max_words": 200,
    "vocabulary_size": 10_000,
    "dropout": 0.4,
    "batch_size": 16,
    "learning_rate": 2e-3,
    "clip_norm": 1.0,
    "patience": 12,
}
SCRATCH = {"cell": "lstm", "units": 300, "embedding_size": 300}
START = "runs/language-model-imdb"


def write_table(path, reviews):
    """Writes reviews as a table; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "text"])
        for review in reviews:
            writer.writerow([review.label, review.text.decode()])
    return str(path)


def draw(reviews, count, seed):
    """Returns reviews in random order: the labels alternate."""
    rng = random.Random(f"{seed} {count}")
    drawn = [
        rng.sample([r for r in reviews if r.label == label], count // 2)
        for label in (0, 1)
    ]
    return [review for pair in zip(*drawn) for review in pair]


def scores(folder, reviews, count):
    """Trains with a number of labels; returns the accuracies by name."""
    drawn = draw(reviews["train"], count, "labels")
    held_out = count // 5
    options = {
        **OPTIONS,
        "train_file": write_table(folder / "train.csv", drawn[held_out:]),
        "valid_file": write_table(folder / "valid.csv", drawn[:held_out]),
        "test_file": write_table(
            folder / "test.csv", draw(reviews["test"], TEST_REVIEWS, "test")
        ),
        "epochs": EPOCHS[count],
    }
    transfer = Sentiment.train(
        **options, start_from=START, run_dir=str(folder / "forward")
    )
    scratch = Sentiment.train(
        **options, **SCRATCH, bidirectional=False, run_dir=str(folder / "none")
    )
    report = transfer.evaluate()
    low, high = report.gain
    print(f"{count} labels: gain over NB-SVM {low:+.4f} ... {high:+.4f}")
    return {
        "language model": report.metrics["accuracy"],
        "from scratch": scratch.evaluate().metrics["accuracy"],
        "NB-SVM": report.baselines["NB-SVM"]["accuracy"],
    }


def figure(rows):
    """Draws the accuracies by the number of labels."""
    figure = plots.Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name in [name for name in rows[0] if name != "labels"]:
        values = [row[name] for row in rows]
        axes.plot(LABELS, values, marker="o", label=name)
    axes.set_xscale("log")
    axes.set_xticks(LABELS, [f"{count:,}" for count in LABELS])
    axes.minorticks_off()
    axes.set(xlabel="labeled reviews", ylabel="accuracy")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def main():
    """Measures all, and writes the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data_dir", default="", help="as of sentiment")
    parser.add_argument("--folder", default="runs/few_labels")
    arguments = parser.parse_args()
    folder = pathlib.Path(arguments.folder)
    config = Sentiment.Config(dataset="imdb", data_dir=arguments.data_dir)
    reviews = IMDB(config, BadRecords(folder / "bad.csv", 0.0)).reviews
    rows = []
    for count in LABELS:
        accuracies = scores(folder / str(count), reviews, count)
        rows.append({"labels": count, **accuracies})
        print("  ".join(f"{k} {v:.4f}" for k, v in accuracies.items()))
    with (folder / "scores.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    plots.save(figure(rows), folder / "scores.png")


if __name__ == "__main__":
    main()
