"""Questions of all kinds, each with a text that answers it in other words, and that said once more in others again."""

import json
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from readingroom.core.embedding_forms import shortened
from readingroom.core.nearness import Nearness, Scale
from readingroom.core.ports import Embedder
from readingroom.embedding.model_files import model_folder

log = logging.getLogger(__name__)

_KEPT = "nearness-{}.json"
"""By the length of the embeddings."""

RELATED = (
    (
        "How long does the warranty on the dishwasher last?",
        "The manufacturer repairs or replaces the appliance free of charge for three years after the purchase.",
        "For thirty-six months after you bought the machine, defects are mended or it is exchanged without cost.",
    ),
    (
        "Which glacier feeds the river in summer?",
        "From June on most of the water in the upper valley comes from melting ice on the northern slope.",
        "Meltwater from the ice on the north side supplies most of the upper river in the summer months.",
    ),
    (
        "Who may sign contracts for the company?",
        "Agreements are binding only with the signatures of two members of the board.",
        "Two directors must sign before a deal obliges the firm.",
    ),
    (
        "What causes the bread to collapse in the oven?",
        "Dough that has risen for too long falls when it is baked, since the gluten can no longer hold the gas.",
        "If the loaf proves for too long, the gluten lets the gas escape and it sinks during baking.",
    ),
    (
        "When does the night train to the coast leave?",
        "The sleeper departs from platform nine at a quarter past eleven every evening but Saturday.",
        "Except on Saturdays, the overnight service starts at 23:15 from track nine.",
    ),
    (
        "How is the vaccine to be stored?",
        "Keep the vials in a refrigerator between two and eight degrees and never freeze them.",
        "The doses belong in a fridge at two to eight degrees; freezing spoils them.",
    ),
    (
        "Why did the bridge fail?",
        "Fatigue cracks in the eyebars had grown unnoticed for decades until one link broke and the whole span fell.",
        "The structure gave way when a link broke whose fatigue cracks nobody had seen for decades.",
    ),
    (
        "What do bees do in winter?",
        "The colony gathers in a tight cluster around the queen and shivers to keep warm.",
        "In the cold months the insects crowd about their queen and tremble to warm each other.",
    ),
    (
        "How many votes are needed to amend the statutes?",
        "A change of the articles requires three quarters of the members present.",
        "To alter the rules, three in four of those attending have to agree.",
    ),
    (
        "What is the boiling point of the solvent?",
        "The liquid turns to vapour at seventy-eight degrees under normal pressure.",
        "It boils at seventy-eight degrees at standard pressure.",
    ),
    (
        "How does one tune a violin?",
        "Turn the pegs until the strings sound in pure fifths, beginning with the A.",
        "Starting from the A, the strings are set to perfect fifths by turning the pegs.",
    ),
    (
        "What was the rent of the flat in the old town?",
        "The tenants paid nine hundred a month for the two rooms near the cathedral, heating included.",
        "Heated, the two-room flat by the cathedral cost its tenants nine hundred a month.",
    ),
    (
        "Which error does the compiler report for a missing semicolon?",
        "Without the terminator the parser stops at the next token and says that it expected the end of a statement.",
        "A missing end of statement makes the parser halt at the following token and complain about it.",
    ),
    (
        "How tall do sequoias grow?",
        "The largest of these trees stand more than eighty metres high.",
        "The biggest of them are over eighty metres in height.",
    ),
    (
        "What must a cyclist wear after dark?",
        "Riders need a reflective vest at night, and lamps in front and at the back.",
        "At night people on bicycles must have a reflecting vest and lights at both ends.",
    ),
    (
        "How did the painter mix his blue?",
        "He ground lapis lazuli and bound the powder with walnut oil to get the colour of the sky.",
        "The blue of the sky was powdered lapis lazuli in walnut oil.",
    ),
    (
        "When is interest on the loan due?",
        "The borrower pays it at the end of each quarter, together with a part of the principal.",
        "Every three months interest is to be paid along with a share of the sum borrowed.",
    ),
    (
        "What do archaeologists conclude from the pollen?",
        "Grains in the layers show that the forest was cleared for barley some four thousand years ago.",
        "According to grains in the sediment, woodland gave way to barley fields around four millennia ago.",
    ),
    (
        "How are goals counted after extra time?",
        "If the score is level after a hundred and twenty minutes, five penalties a side decide the match.",
        "When it is still a draw after 120 minutes, a shoot-out of five kicks each settles the game.",
    ),
    (
        "Why is the patient's heart rate irregular?",
        "The recording shows fibrillation of the atria, which makes the pulse come at uneven intervals.",
        "Atrial fibrillation on the trace explains why the beats are unevenly spaced.",
    ),
    (
        "What does the law say about recording phone calls?",
        "Taping a conversation without the consent of all speakers is an offence punishable by a fine.",
        "Whoever records a talk without everybody's agreement commits a crime and can be fined.",
    ),
    (
        "How can moths be kept out of the wardrobe?",
        "Cedar wood and lavender among the woollens drive the insects away.",
        "Lavender and cedar between woollen clothes keep the insects off.",
    ),
    (
        "Which battery does the satellite carry?",
        "Power during eclipse comes from lithium-ion cells of forty ampere-hours behind the solar panels.",
        "While in shadow the spacecraft draws on forty-ampere-hour lithium-ion cells mounted behind its panels.",
    ),
    (
        "How much salt may the drinking water contain?",
        "The limit for chloride from the tap is two hundred and fifty milligrams a litre.",
        "Tap water may hold at most 250 milligrams of chloride per litre.",
    ),
)


def kept_nearness(models_dir: Path, embedder: Embedder, dimension: int | None = None) -> Nearness:
    """As `measured_nearness`, once for a model that is here: what came of it is kept among its files."""
    length = dimension or embedder.dimension
    file = model_folder(models_dir, embedder.model) / _KEPT.format(length)
    try:
        return Nearness.of(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        found = measured_nearness(embedder, length)
    try:
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(found.values), encoding="utf-8")
        partial.replace(file)
    except OSError:
        log.info("How near the texts of %s lie could not be kept", embedder.model)
    return found


def measured_nearness(embedder: Embedder, dimension: int | None = None) -> Nearness:
    """Measure a model's cosines on them, its embeddings cut to `dimension` where one is given."""

    def passages(place: int) -> NDArray[np.float32]:
        # One at a time: those of like length in a batch cost more a token, and there are few.
        rows = np.concatenate([embedder.embed_passages([texts[place]]) for texts in RELATED])
        return shortened(rows, dimension or embedder.dimension)

    questions = np.stack([embedder.embed_query(texts[0]) for texts in RELATED])
    told = passages(1)
    return Nearness(
        questions=_scale(shortened(questions, told.shape[1]) @ told.T),
        sentences=_scale(told @ passages(2).T),
    )


def _scale(cosines: NDArray[np.float32]) -> Scale:
    together = np.eye(len(cosines), dtype=bool)
    return Scale(float(cosines[~together].mean()), float(cosines[together].mean()))
