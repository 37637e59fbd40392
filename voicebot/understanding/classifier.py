"""A guess at the intent of a sentence that fits no template, with the right to say "none of these"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

OUT_OF_SCOPE = "out_of_scope"
"""The label of sentences that mean nothing to any bot."""


class Classifier:
    """Logistic regression on the words and letters of example sentences; the same examples, the same answers.

    The settings were chosen on tests/understanding/webshop_tuned_on.yaml.
    """

    def __init__(self, examples: Sequence[tuple[str, str]]) -> None:
        """Train on (sentence, label) `examples`; at least two labels."""
        # Imported here: it takes most of a second, which only a process that understands should pay.
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import FeatureUnion, make_pipeline
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        sentences, labels = zip(*examples, strict=True)
        by_word = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True)
        by_letter = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        features = FeatureUnion(
            [("word", by_word), ("letter", by_letter)], transformer_weights={"word": 1.0, "letter": 2.0}
        )
        regression = LogisticRegression(C=5.0, class_weight="balanced", max_iter=300, random_state=0)
        with threadpool_limits(1):  # threads that share few cores make this 20 times slower
            self._model = make_pipeline(features, regression).fit(sentences, labels)
        self._labels = [str(label) for label in self._model.classes_]
        self._known: defaultdict[str, set[str]] = defaultdict(set)
        for sentence, label in examples:
            self._known[label].update(sentence.split())

    def guess(self, sentence: str) -> tuple[str, float]:
        """Return the likeliest label for `sentence`, and how sure that is, 0..1.

        That is the label's probability times the share of the sentence (in letters) that its examples know:
        regression alone is too sure about sentences that are mostly new to it.
        """
        probabilities = self._model.predict_proba([sentence])[0]
        best = int(probabilities.argmax())
        label = self._labels[best]
        return label, float(probabilities[best]) * _share(sentence, self._known[label])


def _share(sentence: str, known: set[str]) -> float:
    spoken = sentence.split()
    return sum(len(word) for word in spoken if word in known) / max(1, sum(map(len, spoken)))
