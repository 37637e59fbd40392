"""A guess at the intent of a sentence that fits no template, with the right to say "none of these"."""

from __future__ import annotations

from collections.abc import Sequence

OUT_OF_SCOPE = "out_of_scope"
"""The label of sentences that mean nothing to any bot."""


class Classifier:
    """Logistic regression on the words and letters of example sentences; the same examples, the same answers."""

    def __init__(self, examples: Sequence[tuple[str, str]]) -> None:
        """Train on (sentence, label) `examples`; at least two labels."""
        # Imported here: it takes most of a second, which only a process that understands should pay.
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union

        sentences, labels = zip(*examples, strict=True)
        self._model = make_pipeline(
            make_union(
                TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True),
                TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True),
            ),
            LogisticRegression(C=20.0, class_weight="balanced", max_iter=200, random_state=0),
        )
        self._model.fit(sentences, labels)
        self._labels = [str(label) for label in self._model.classes_]

    def guess(self, sentence: str) -> tuple[str, float]:
        """Return the likeliest label for `sentence` and its probability, 0..1."""
        probabilities = self._model.predict_proba([sentence])[0]
        best = int(probabilities.argmax())
        return self._labels[best], float(probabilities[best])
