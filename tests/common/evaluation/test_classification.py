"""Metrics equal those of scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from common.evaluation.metrics import classification

ROWS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0])),
    min_size=1,
    max_size=30,
).map(lambda rows: tuple(np.array(column, float) for column in zip(*rows)))


@given(ROWS)
def test_accuracy_and_f1_equal_scikit_learn(rows):
    targets, scores = rows
    predicted = scores >= 0.5
    assert classification.accuracy(targets, scores) == pytest.approx(
        sklearn.metrics.accuracy_score(targets > 0.5, predicted)
    )
    assert classification.f1(targets, scores) == pytest.approx(
        sklearn.metrics.f1_score(targets > 0.5, predicted, zero_division=0)
    )


@given(ROWS)
def test_log_loss_equals_scikit_learn(rows):
    targets, scores = rows
    assert classification.log_loss(targets, scores) == pytest.approx(
        sklearn.metrics.log_loss(
            targets, np.clip(scores, 1e-7, 1 - 1e-7), labels=[0, 1]
        )
    )


@given(ROWS)
def test_roc_auc_equals_scikit_learn_with_ties(rows):
    targets, scores = rows
    if len(set(targets)) < 2:
        assert classification.roc_auc(targets, scores) == 0.5
    else:
        assert classification.roc_auc(targets, scores) == pytest.approx(
            sklearn.metrics.roc_auc_score(targets, scores)
        )


LABELS = st.integers(1, 4).flatmap(
    lambda labels: st.lists(
        st.lists(
            st.tuples(st.booleans(), st.booleans()),
            min_size=labels,
            max_size=labels,
        ),
        min_size=1,
        max_size=10,
    )
)


@given(LABELS)
def test_f1_of_several_labels_equals_scikit_learn(rows):
    targets, predictions = np.moveaxis(np.array(rows), -1, 0)
    f1 = sklearn.metrics.f1_score
    assert classification.micro_f1(targets, predictions) == pytest.approx(
        f1(targets.ravel(), predictions.ravel(), zero_division=0)
    )
    columns = [
        f1(target, predicted)
        for target, predicted in zip(targets.T, predictions.T)
        if any(target | predicted)
    ]
    macro = classification.multi_label_macro_f1(targets, predictions)
    assert macro == pytest.approx(np.mean(columns) if columns else 0)
