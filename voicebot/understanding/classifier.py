"""A guess at the intent of a sentence that fits no template, with the right to say "none of these"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

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
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        sentences, labels = zip(*examples, strict=True)
        self._vectorizer = TfidfVectorizer(analyzer=_features, sublinear_tf=True)
        self._regression = LogisticRegression(C=20.0, class_weight="balanced", max_iter=300, random_state=0)
        with threadpool_limits(1):  # threads that share few cores make this 20 times slower
            self._regression.fit(self._vectorizer.fit_transform(sentences), labels)
        self._labels = [str(label) for label in self._regression.classes_]
        self._known: defaultdict[str, set[str]] = defaultdict(set)
        for sentence, label in examples:
            self._known[label].update(sentence.split())

    def guess(self, sentence: str) -> tuple[str, float]:
        """Return the likeliest label for `sentence`, and how sure that is, 0..1.

        That is the label's probability times the share of the sentence (in letters) that its examples know:
        regression alone is too sure about sentences that are mostly new to it.
        """
        probabilities = self._regression.predict_proba(self._vectorizer.transform([sentence]))[0]
        best = int(probabilities.argmax())
        label = self._labels[best]
        return label, float(probabilities[best]) * _share(sentence, self._known[label])


def _features(sentence: str) -> Iterator[str]:
    """Yield the words, the pairs of words, and the strings of 2 to 4 letters within words."""
    spoken = sentence.split()
    yield from spoken
    yield from (f"{first} {second}" for first, second in pairwise(spoken))
    for word in spoken:
        padded = f" {word} "
        for size in (2, 3, 4):
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))


def _share(sentence: str, known: set[str]) -> float:
    spoken = sentence.split()
    return sum(len(word) for word in spoken if word in known) / max(1, sum(map(len, spoken)))
