"""Text as the search sees it: plain words, the same ones for what is kept and for what is asked. Pure."""

import re
import unicodedata

README_WORDS = 3_000
QUERY_WORDS = 8
_WORD_MAX = 40
_README_BYTES = 64 * 1024
_ADDRESS = re.compile(r"https?://\S+|<[^>]{0,500}>")


def words_of(*texts: str, most: int = 1_000) -> str:
    """Each word once, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", " ".join(texts).lower())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    found = dict.fromkeys(word[:_WORD_MAX] for word in re.findall(r"[^\W_]+", bare))
    return " ".join(list(found)[:most])


def readme_words(readme: bytes) -> str:
    """Those of its beginning, without front matter, tags and addresses."""
    text = readme[:_README_BYTES].decode("utf-8", "replace")
    if text.startswith("---"):
        text = text.partition("\n---")[2]
    return words_of(_ADDRESS.sub(" ", text), most=README_WORDS)


def query_words(query: str) -> list[str]:
    return words_of(query[:200], most=QUERY_WORDS).split()
