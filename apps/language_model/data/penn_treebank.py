"""The Penn Treebank, as language models use it."""

from apps.language_model.data import text


class PennTreebank(text.PublishedText):
    """Newspaper sentences of 10,000 different words, in the published splits.

    Reference: Mikolov et al., Recurrent Neural Network Based Language Model,
    2010; Marcus et al., Building a Large Annotated Corpus of English, 1993.
    """

    name = "ptb"
    help = "The Penn Treebank as Mikolov et al. 2010 prepared it."
    languages = ("en",)
    license = (
        "Penn Treebank as Mikolov et al. 2010 prepared it; text of LDC99T42, "
        "under the license of the Linguistic Data Consortium."
    )
    files = "ptb.train.txt, ptb.valid.txt and ptb.test.txt."
    pattern = "ptb.{split}.txt"
