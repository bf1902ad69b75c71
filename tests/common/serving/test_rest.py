"""The REST interface answers as TensorFlow Serving does."""


def test_answers_rows_of_texts(client):
    code, answer = client.post(
        "/v1/models/texts:predict", {"instances": ["a", "é"]}
    )
    assert code == 200
    assert answer == {
        "predictions": [
            {"length": 1, "upper": "A", "version": 1},
            {"length": 2, "upper": "é", "version": 1},
        ]
    }


def test_answers_rows_of_named_numbers(client):
    rows = [{"x": [1, 2.5], "n": 3}, {"x": [0, 0], "n": 7}]
    code, answer = client.post(
        "/v1/models/numbers:predict", {"instances": rows}
    )
    assert (code, answer) == (200, {"predictions": [6.5, 7.0]})
