"""Words that say nothing of a text's subject, in the languages most written with letters."""

from functools import cache

from readingroom.core.telling_words import IDLE_WORDS

_MORE = """
the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you were
their one all we can her has there been if more when will would who so no out up into them than its only some could these
may then do first any my now such like our over me even most made after also did many must before back through where much
your way well should because each just those how too here between both under never same another while last might great still
such other however since per via about upon within without shall thus therefore including used using use based
der die das und in zu den nicht von sie ist des sich mit dem dass er es ein ich auf so eine auch als an nach wie im für man
aber aus durch wenn nur war noch werden bei hat wir was wird sein einen welche sind oder zur um haben einer mir über ihm diese
einem ihr uns da zum kann doch vor dieser mich ihn du hatte seine mehr am denn nun unter sehr selbst schon hier bis habe ihre
dann ihnen seiner alle wieder meine vom kein gegen muss jedoch sowie dieses diesem eines
le la les de des du un une et est en que qui dans pour pas sur au plus par ce il ne se sont avec son sa ses aux ou mais nous
vous elle cette ces leur leurs été être fait tout comme si même sans on deux lui ont dont aussi bien entre
el los las del y que en es se no por con una su para como más al lo sus pero ha este ya cuando muy sin sobre también me hasta
hay donde quien desde todo nos durante uno ni contra otros ese eso había ante ellos esto antes algunos entre ser son fue era
il lo gli di da che non è per una sono con del della dei delle al alla nel nella come più ma anche si ha questo questa
het een van en is dat op te zijn voor met niet aan er om ook als maar dan bij uit naar door wordt werd deze die
o os as um uma do da dos das em no na nos nas ao pelo pela com não mais seu sua ou ser foi são
"""


@cache
def idle_words() -> frozenset[str]:
    """English, German, French, Spanish, Italian, Dutch and Portuguese, case-folded."""
    return frozenset(_MORE.split()) | IDLE_WORDS
