"""WikiText-2."""

from apps.language_model.data import text


class WikiText2(text.PublishedText):
    """Articles of Wikipedia, in the published splits.

    Reference: Merity et al., Pointer Sentinel Mixture Models, 2016.
    """

    name = "wikitext-2"
    help = "WikiText-2 of Merity et al. 2016: articles of Wikipedia."
    languages = ("en",)
    license = "WikiText-2, Merity et al. 2016, from Wikipedia; CC BY-SA 3.0."
    files = "wiki.train.tokens, wiki.valid.tokens and wiki.test.tokens."
    pattern = "wiki.{split}.tokens"
