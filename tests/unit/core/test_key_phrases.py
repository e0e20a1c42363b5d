"""Key phrases: a text's own, without words that stand in every text."""

from readingroom.core.key_phrases import key_phrases, rarity

_LEASE = (
    "The tenant pays the security deposit to the landlord. The security deposit is repaid after the end of the lease. "
    "Where the tenant owes rent, the landlord may keep the security deposit. "
) * 4


def test_a_phrase_that_returns_comes_before_words_that_stand_beside_it() -> None:
    found = key_phrases(_LEASE)
    assert found[0].text == "security deposit"
    assert found[0].count == 12
    assert "deposit" not in [phrase.text for phrase in found]


def test_what_stands_in_all_documents_gives_way_to_what_stands_in_this_one() -> None:
    texts = ["Reading Room quarterly report. " * 3 + f"Plant {n} made steel." for n in range(20)]
    text = "Reading Room quarterly report. Of the turbine blades, turbine blades of steel. " * 5
    assert key_phrases(text, known=rarity(texts))[0].text == "turbine blades"


def test_german_nouns_come_before_verbs_beside_them() -> None:
    text = (
        "Der Mieter zahlt die Kaution. Die Kaution verwahrt der Vermieter. Er verwahrt die Kaution getrennt. "
        * 4
    )
    assert key_phrases(text)[0].text == "Kaution"


def test_scripts_without_spaces_give_none_rather_than_whole_sentences() -> None:
    assert key_phrases("文章を検索するための索引を作る。" * 20) == []


def test_a_text_without_words_has_none() -> None:
    assert key_phrases("12 34 — 56") == []
