"""Speed of training a forecaster, and of a backtest.

    python -m benchmarks.stock

Times a training step (forward, backward, clipping by the norm, Adam) on 64
windows of 60 days, 10 days ahead: of our forecaster with LSTMs of 32 units, and
of the same layers in stock Keras (LSTM, LSTM, Dense) with the same loss and
`fit`'s own step; medians of alternating rounds. Then the time to prepare the
windows of an epoch and to train on them, and the time of one call that
forecasts 1,000 days of one market from raw prices.
"""

import os
import time

BATCH, ROUNDS, ORIGINS = 64, 50, 1_000


def main():
    """Prints the tables."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from apps.stock import Stock
    from common.data import batching

    app = Stock(Stock.Config(batch_size=BATCH))
    examples = app.examples("train")
    steps = -(-batching.size(examples) // BATCH)
    model = app.model_class().create(app.config, examples, steps)
    training(app, model, examples)
    backtest(app, model)


def training(app, model, examples):
    """Prints the windows trained on per second."""
    import keras
    import tensorflow as tf

    from benchmarks import timing
    from common.data import batching
    from common.training import train_step

    start = time.perf_counter()
    batches, steps = batching.training_batches(examples, model, app.config)
    batches = iter(batches)
    batch = next(batches)
    model(batch[0])
    model.optimizer.build(model.trainable_variables)
    norm = keras.metrics.Mean("gradient_norm")
    train_step.test_step(model, batches.element_spec)
    ours = train_step.training_step(model, 1.0, norm, batches.element_spec)
    ours(batch)
    seconds_to_first = time.perf_counter() - start
    theirs = stock_keras(model)
    theirs.make_train_function()
    train = theirs.train_function
    inputs = (batch[0]["features"], batch[0]["coming"])
    repeated = tf.data.Dataset.from_tensors((inputs, batch[1])).repeat()
    repeated = iter(repeated)
    print("| training | windows / s | time of ours / its |")
    print("| --- | --- | --- |")
    times = timing.medians(
        {
            "ours": lambda: int(ours(batch)),
            "stock Keras": lambda: float(train(repeated)["loss"]),
        },
        ROUNDS,
    )
    for name, milliseconds in times.items():
        rate = 1e3 * BATCH / milliseconds
        ratio = times["ours"] / milliseconds
        print(f"| {name} | {rate:,.0f} | {ratio:.2f} |")
    start = time.perf_counter()
    for _ in range(steps):
        ours(next(batches))
    seconds = time.perf_counter() - start
    print(
        f"\nFirst step after {seconds_to_first:.1f} s; then an epoch of "
        f"{steps * BATCH:,} windows in {seconds:.1f} s."
    )


def stock_keras(model):
    """Returns the layers of a forecaster in stock Keras, compiled."""
    import keras

    from apps.stock.model import features
    from apps.stock.model.losses import Likelihood

    arguments = model.arguments
    units = arguments.units
    days = keras.Input((arguments.window, features.SIZE))
    coming = keras.Input((arguments.horizon, features.COMING_SIZE))
    _, *states = keras.layers.LSTM(units, return_state=True)(days)
    decoded = keras.layers.LSTM(units, return_sequences=True)(
        coming, initial_state=states
    )
    raw = keras.layers.Dense(3)(decoded)
    outputs = parameters(model.distribution)(raw)
    theirs = keras.Model([days, coming], outputs)
    theirs.compile(
        keras.optimizers.Adam(clipnorm=1.0),
        Likelihood(arguments.distribution, arguments.target),
    )
    return theirs


def parameters(distribution):
    """Returns a layer that computes the parameters of a distribution."""
    import keras

    class Layer(keras.layers.Layer):
        def call(self, raw):
            return distribution.parameters(raw)

        def compute_output_shape(self, shape):
            return shape

    return Layer()


def backtest(app, model):
    """Prints the time of one call that forecasts many days."""
    x = next(iter(app.examples("test").batch(ORIGINS)))[0]
    start = time.perf_counter()
    model.serve(**x)
    first = time.perf_counter() - start
    start = time.perf_counter()
    model.serve(**x)["quantiles"].numpy()
    seconds = time.perf_counter() - start
    print(
        f"\n{ORIGINS:,} days forecast in one call: {seconds:.2f} s; the first "
        f"time {first:.1f} s."
    )


if __name__ == "__main__":
    main()
