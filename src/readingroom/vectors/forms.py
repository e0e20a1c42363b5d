"""Which words are forms of one: by the very rule that the word index goes by."""

from collections.abc import Hashable

from py_rust_stemmers import SnowballStemmer

from readingroom.vectors.words import passage_words

_ENGLISH = SnowballStemmer("english")
# Forms that the stemmer knows by heart: they share less with their stem than all but its last letter.
_BY_HEART = {"die": "d", "lie": "l", "tie": "t"}


class IndexWordForms:
    """See `core.word_places.WordForms`."""

    def kind(self, word: str) -> Hashable:
        return tuple(passage_words(word).indices)

    def beginning(self, word: str) -> str:
        """All but the last letter of the stem: `happi` stands for happy, `hope` for hoping."""
        if not word.isascii():
            return word  # the stemmer leaves it as it is
        stem = _ENGLISH.stem_word(word)
        return _BY_HEART.get(stem) or (stem[:-1] if len(stem) > 1 else stem)
