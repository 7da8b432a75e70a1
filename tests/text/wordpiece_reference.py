"""Makes the pieces in test_wordpiece.py: `python -m tests.text.wordpiece_reference`, with the package tokenizers.

tokenizers 0.23.3, its BertWordPieceTokenizer on the vocabulary that lies in causal/text.
"""

from __future__ import annotations

from causal.text.wordpiece import VOCABULARY
from tests.text.test_wordpiece import TEXTS

if __name__ == "__main__":
    from tokenizers.implementations import BertWordPieceTokenizer  # type: ignore[import-not-found]

    reference = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)
    for text in TEXTS:
        print(reference.encode(text).ids, end=",\n")
