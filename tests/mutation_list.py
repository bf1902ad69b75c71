"""Forty wrong edits, each with a test that must fail; see `mutations`."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutation:
    """A wrong edit of one file, and a test that must fail.

    Attributes:
      file: The file, relative to the root.
      old: Occurs in it once.
      new: Replaces `old`.
      test_file: Relative to `tests`.
      test: Name of a function in it, without parameters.
    """

    file: str
    old: str
    new: str
    test_file: str
    test: str

    @property
    def node(self) -> str:
        """The test as pytest names it."""
        return f"tests/{self.test_file}::{self.test}"


MUTATIONS = (
    # Layers.
    Mutation(
        "common/layers/cells/zoneout_cell.py",
        "return rate * old + (1 - rate) * new",
        "return (1 - rate) * old + rate * new",
        "common/layers/cells/test_zoneout_cell.py",
        "test_two_steps_by_hand_without_training",
    ),
    Mutation(
        "common/layers/cells/layer_norm_lstm_cell.py",
        "return h, [h, c]",
        "return h, [h, normalized]",
        "common/layers/cells/test_layer_norm_lstm_cell.py",
        "test_two_steps_by_hand",
    ),
    Mutation(
        "common/layers/regularization/activation_regularization.py",
        "ops.logical_and(mask[:, 1:], mask[:, :-1])",
        "mask[:, 1:]",
        "common/layers/regularization/test_activation_regularization.py",
        "test_masked_steps_and_changes_from_or_to_them_do_not_count",
    ),
    # Training and resuming.
    Mutation(
        "common/training/loop.py",
        "since_best >= self.config.patience",
        "since_best > self.config.patience",
        "common/test_runner.py",
        "test_training_stops_early_without_improvement",
    ),
    Mutation(
        "common/training/loop.py",
        "if not since_best:",
        "if True:",
        "common/training/test_loop.py",
        "test_a_metric_of_the_answers_selects_the_epoch",
    ),
    Mutation(
        "common/training/loop.py",
        "if not self.progress.step:",
        "if True:",
        "common/training/test_loop.py",
        "test_a_killed_run_ends_with_the_same_bits",
    ),
    Mutation(
        "common/data/batching.py",
        "make(config.seed * 1_000_003 + epoch)",
        "make(config.seed * 1_000_003)",
        "common/data/test_batching.py",
        "test_each_epoch_has_its_own_order_and_all_examples",
    ),
    Mutation(
        "common/training/train_step.py",
        "mean_loss.update_state(loss, sample_weight=size)",
        "mean_loss.update_state(loss)",
        "common/training/test_train_step.py",
        "test_trains_as_keras_does",
    ),
    Mutation(
        "common/training/checkpoints.py",
        "if path.stem.endswith(_digest(content)):",
        "if True:",
        "common/training/test_checkpoints.py",
        "test_reports_a_broken_checkpoint_and_uses_the_one_before",
    ),
    Mutation(
        "common/training/restarts.py",
        "kept = paths[rows.index(best)]",
        "kept = paths[-1]",
        "common/training/test_trainer.py",
        "test_the_best_restart_is_kept_and_resuming_gives_the_same_bits",
    ),
    # Decoding.
    Mutation(
        "common/generation/hypotheses.py",
        "share = (5 + tf.cast(counted, dtype)) / 6",
        "share = (6 + tf.cast(counted, dtype)) / 6",
        "common/generation/test_decoding.py",
        "test_a_beam_of_all_sequences_ranks_them_by_score",
    ),
    Mutation(
        "common/generation/decoding.py",
        "(better < top_p)",
        "(better + shares < top_p)",
        "common/generation/test_decoding.py",
        "test_top_k_and_top_p_sample_from_the_most_probable_tokens",
    ),
    Mutation(
        "common/generation/scheduled_sampling.py",
        "drawn = tf.pad(drawn[:, :-1], [[0, 0], [1, 0]])",
        "pass",
        "common/generation/test_scheduled_sampling.py",
        "test_a_token_drawn_at_a_step_is_the_input_of_the_next",
    ),
    # Tokenizers.
    Mutation(
        "common/text/word_tokenizer.py",
        "key=lambda item: (-item[1], item[0])",
        "key=lambda item: -item[1]",
        "common/text/test_word_tokenizer.py",
        "test_the_vocabulary_is_ordered_by_frequency_then_alphabet",
    ),
    Mutation(
        "common/text/byte_pair_tokenizer.py",
        "first = tf.argmin(entries, 1)",
        "first = tf.argmax(tf.where(entries < _NEVER, entries, -1), 1)",
        "common/text/test_byte_pair_tokenizer.py",
        "test_the_pair_of_the_lowest_rank_is_merged_first",
    ),
    # Metrics and intervals.
    Mutation(
        "common/evaluation/metrics/captions.py",
        "math.exp(min(0.0, 1 - 1 / ratio))",
        "math.exp(1 - 1 / ratio)",
        "common/evaluation/test_captions.py",
        "test_bleu_equals_the_published_scorer",
    ),
    Mutation(
        "common/evaluation/metrics/classification.py",
        "(last - (counts - 1) / 2)[inverse]",
        "last[inverse]",
        "common/evaluation/test_classification.py",
        "test_roc_auc_equals_scikit_learn_with_ties",
    ),
    Mutation(
        "apps/language_model/evaluation/evaluation.py",
        'outputs = {"tokens": test.lengths}',
        'outputs = {"tokens": test.lengths - 1}',
        "apps/language_model/test_evaluation.py",
        "test_the_end_of_each_line_counts_as_a_token",
    ),
    Mutation(
        "common/evaluation/bootstrap.py",
        "if clusters is None:",
        "if True:",
        "common/evaluation/test_report.py",
        "test_examples_of_a_cluster_are_drawn_together",
    ),
    # Baselines.
    Mutation(
        "common/text/ngrams/kneser_ney.py",
        "np.where(table.at_start, counts, continuations)",
        "continuations",
        "common/text/ngrams/test_kneser_ney.py",
        "test_kneser_ney_counts_occurrences_at_the_start_of_a_line",
    ),
    Mutation(
        "apps/sentiment/model/nb_svm.py",
        "1 + np.asarray(",
        "50 + np.asarray(",
        "apps/sentiment/test_baselines.py",
        "test_n_grams_are_scaled_by_their_smoothed_log_ratio",
    ),
    Mutation(
        "apps/stock/baselines/forecasts.py",
        "known - horizon)",
        "known)",
        "apps/stock/test_baselines.py",
        "test_baselines_do_not_use_later_days",
    ),
    # Splits.
    Mutation(
        "apps/stock/model/forecastability.py",
        "(places < part[0] - gap) | (places > part[-1] + gap)",
        "(places < part[0]) | (places > part[-1])",
        "apps/stock/test_model.py",
        "test_windows_close_to_a_part_do_not_forecast_it",
    ),
    Mutation(
        "apps/sentiment/model/ngram_evidence.py",
        "np.arange(len(places)) * FOLDS // max(len(places), 1)",
        "np.arange(len(places)) % FOLDS",
        "apps/sentiment/test_ngram_evidence.py",
        "test_the_evidence_of_a_training_review_comes_from_other_folds",
    ),
    # Objectives of the apps.
    Mutation(
        "apps/captioning/model/self_critical.py",
        "gain = self._reward(tokens, references) - baseline",
        "gain = baseline - self._reward(tokens, references)",
        "apps/captioning/test_self_critical.py",
        "test_the_weight_is_the_gain_over_the_greedy_caption",
    ),
    Mutation(
        "apps/language_model/evaluation/dynamic_evaluation.py",
        "(trained - variable.value)",
        "(variable.value - trained)",
        "apps/language_model/test_evaluation.py",
        "test_the_decay_returns_the_weights_to_the_trained_ones",
    ),
    Mutation(
        "apps/language_model/model/network.py",
        "beta=arguments.change_penalty",
        "alpha=arguments.activation_penalty",
        "apps/language_model/test_network.py",
        "test_penalties_are_part_of_the_loss_in_training_only",
    ),
    Mutation(
        "apps/language_model/model/network.py",
        "between = [arguments.hidden_dropout]",
        "between = [0.0]",
        "apps/language_model/test_network.py",
        "test_each_kind_of_dropout_acts_in_training_only",
    ),
    # The server.
    Mutation(
        "common/serving/batching.py",
        "if len(self._jobs) >= self._limit:",
        "if len(self._jobs) > self._limit:",
        "common/serving/test_batching.py",
        "test_too_many_waiting_jobs_are_refused",
    ),
    Mutation(
        "common/serving/batching.py",
        "rows + job.rows > self._batch_rows",
        "rows > self._batch_rows",
        "common/serving/test_batching.py",
        "test_a_batch_has_at_most_a_number_of_rows",
    ),
    Mutation(
        "common/serving/batching.py",
        "if len(jobs) == 1 or job.abandoned:",
        "if jobs:",
        "common/serving/test_batching.py",
        "test_a_job_that_fails_does_not_spoil_the_batch",
    ),
    Mutation(
        "common/serving/batching.py",
        "elif job.batch.abandoned:",
        "else:",
        "common/serving/test_batching.py",
        "test_a_batch_runs_on_for_those_who_still_wait",
    ),
    Mutation(
        "common/serving/limits.py",
        "self._free += share.size",
        "self._free += 0",
        "common/serving/test_bounds.py",
        "test_large_requests_fill_the_memory",
    ),
    Mutation(
        "common/serving/model_versions.py",
        "elif old.labels.get(label) in loaded:",
        "elif False:",
        "common/serving/test_repository.py",
        "test_a_label_of_a_version_that_does_not_load_stays",
    ),
    Mutation(
        "common/serving/signature.py",
        "return all(value.shape[:1] == (rows,) for value in outputs.values())",
        "return bool(outputs)",
        "common/serving/test_bounds.py",
        "test_signatures_batch_only_what_is_answered_row_by_row",
    ),
    Mutation(
        "common/serving/rest.py",
        'values.get("signature_name", "")',
        '""',
        "common/serving/test_rest.py",
        "test_answers_with_a_named_signature_and_version",
    ),
    # Fine-tuning.
    Mutation(
        "apps/sentiment/model/fine_tuning.py",
        "DECAY**-group",
        "DECAY**group",
        "apps/sentiment/test_language_model_start.py",
        "test_layers_are_unfrozen_from_the_last_one_down",
    ),
    Mutation(
        "apps/sentiment/model/fine_tuning.py",
        "1 - (step - peak) / rest",
        "(step - peak) / rest",
        "apps/sentiment/test_language_model_start.py",
        "test_the_learning_rate_is_a_slanted_triangle",
    ),
    # Export and options.
    Mutation(
        "common/export/saved_model.py",
        '{"serving_default": model.serve, **model.signatures()}',
        '{"serving_default": model.serve}',
        "common/export/test_saved_model.py",
        "test_versions_are_numbered_and_answer",
    ),
    Mutation(
        "common/training/saved_config.py",
        'if field.metadata["affects"] == "training"',
        'if field.metadata["affects"] != "nothing"',
        "common/training/test_saved_config.py",
        "test_only_options_that_affect_training_make_a_difference",
    ),
)
