"""Words as people type and say them: no accents, no capitals, no apostrophes, one or several, with one slip each.

`fold_words` says what a text is found by, `read_query` what somebody looks for, and `near_spellings` what they may have
meant. All are bounded: whoever types five thousand letters looks for eight words.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

LONGEST_WORD = 40
MOST_WORDS = 8
LONGEST_QUERY = 200
MOST_KNOWN = 2000  # texts that a process remembers the words of
SHORTEST_NEAR = 4  # letters as typed: a word of five with one missing
APOSTROPHES = "'’‘‛`´ʼʻʹ′＇"

# What no normal form takes apart.
LETTERS = str.maketrans({
    **dict.fromkeys(APOSTROPHES, "'"),
    "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "n", "Ŋ": "N", "ŀ": "l",
})  # fmt: skip
PART = re.compile(r"[^\W_]+")
APART = re.compile(r"[^\w']")
OUTLANDISH = re.compile(r"xn--[a-z0-9-]{1,60}", re.IGNORECASE)
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # LeBrocq, McDonald
PARTICLES = "ap al bin d da de del della den der des di du el fitz l la le les mac mc o st saint ste sainte van von"
SAME = {"st": "saint", "saint": "st", "ste": "sainte", "sainte": "ste", "xmas": "christmas", "christmas": "xmas"}
SILENT = "a an and at by for from in my of on or please the to with"
PARTICLES, SILENT = frozenset(PARTICLES.split()), frozenset(SILENT.split())
ALPHABETS = ("abcdefghijklmnopqrstuvwxyz0123456789", "αβγδεζηθικλμνξοπρσςτυφχψω", "абвгдежзийклмнопрстуфхцчшщъыьэюя")


@dataclass(frozen=True)
class Word:
    """One word: its first letters are enough, unless it is meant as a whole."""

    text: str
    is_whole: bool = False


@dataclass(frozen=True)
class Near:
    """Any word that begins with this one or is one slip away from it."""

    text: str


@dataclass(frozen=True)
class Every:
    """All of these in one row, in whatever order."""

    terms: tuple


@dataclass(frozen=True)
class Any:
    """One of these is enough."""

    terms: tuple


@dataclass(frozen=True)
class Query:
    """A search by words. Without a word it finds nothing."""

    words: tuple = ()
    alternatives: tuple = ()

    def __bool__(self):
        return bool(self.words)

    def __iter__(self):
        return zip(self.words, self.alternatives, strict=True)

    @property
    def as_typed(self):
        """Each word by its first letters; also two neighbours as one, as “le brocq” may have been written."""
        apart = Every(tuple(map(Any, self.alternatives)))
        joined = [
            Every((Word(first + second), *map(Any, self._without(number))))
            for number, (first, second) in enumerate(pairwise(self.words))
        ]
        whole = [Word("".join(self.words)[:LONGEST_WORD])] if len(self.words) > 2 else []
        return Any((apart, *joined, *whole)) if joined else apart

    @property
    def exactly(self):
        return Every(tuple(Any((Word(word, is_whole=True), *typed[1:])) for word, typed in self))

    def as_meant(self, near):
        return Every(tuple(Any(terms) for _, terms in self.with_meant(near)))

    def with_meant(self, near):
        for word, typed in self:
            yield word, (*typed, *(Word(each, is_whole=True) for each in near.get(word, ())))

    def _without(self, number):
        return self.alternatives[:number] + self.alternatives[number + 2 :]


def fold_words(*texts, known=(), most=400):
    """Sorted, as one line. The first texts win when there are too many words. What `known` texts fold to is remembered
    by the process: those that say the same in many rows, and nothing of anybody.
    """
    found = {}
    for words in (*(_words_of(str(text or "")) for text in texts), *map(_known_words_of, known)):
        for word in words:
            if len(found) >= most:
                return " ".join(sorted(found))
            found[word[:LONGEST_WORD]] = True
    return " ".join(sorted(found))


def read_query(text):
    """Small words (SILENT) are left out where others remain."""
    chunks = [parts for chunk in _chunks_of(text[:LONGEST_QUERY]) if (parts := PART.findall(chunk.casefold()))]
    spoken = [parts for parts in chunks if parts[0] not in SILENT or len(parts) > 1] or chunks
    terms = {"".join(parts)[:LONGEST_WORD]: _alternatives(parts) for parts in spoken}
    words = tuple(terms)[:MOST_WORDS]
    return Query(words, tuple(terms[word] for word in words))


def near_spellings(word):
    """Every word that one slip makes of this one: a letter wrong, missing, too many, or two of them swapped."""
    if not is_spelt(word):
        return frozenset()
    alphabet = next((letters for letters in ALPHABETS if word.strip(ALPHABETS[0][26:])[:1] in letters), "")
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = {start + end[1:] for start, end in splits if end}
    near |= {start + end[1] + end[0] + end[2:] for start, end in splits if len(end) > 1}
    near |= {start + letter + end[1:] for start, end in splits if end for letter in alphabet}
    near |= {start + letter + end for start, end in splits for letter in alphabet}
    return frozenset(near - {word})


def is_spelt(word):
    """Long enough that a slip leaves it recognisable, and no number: one figure more or less is another number."""
    return len(word) >= SHORTEST_NEAR and not word.isdecimal()


def singular_forms(word):
    """“flowers” -> flower, “parties” -> party, “châteaux” -> chateau; nothing for what is no plural."""
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return ()
    if word.endswith("ies"):
        return (f"{word[:-3]}y", word[:-1])
    if word.endswith("ves"):
        return (f"{word[:-3]}f", word[:-1])
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "oes")):
        return (word[:-2], word[:-1])
    if word.endswith("children"):
        return (word[:-3],)
    if word.endswith("men"):
        return (f"{word[:-2]}an",)
    return (word[:-1],) if word.endswith(("s", "aux", "eux")) else ()


def is_found(words, term):
    if isinstance(term, Word):
        return term.text in words if term.is_whole else any(word.startswith(term.text) for word in words)
    if isinstance(term, Near):
        return is_found(words, Word(term.text)) or not near_spellings(term.text).isdisjoint(words)
    decide = all if isinstance(term, Every) else any
    return decide(is_found(words, each) for each in term.terms)


def _alternatives(parts):
    """“obrien” may be written so or as two words; a plural is found by its singular, which is kept beside it."""
    joined = "".join(parts)[:LONGEST_WORD]
    apart = [Every(tuple(Word(part[:LONGEST_WORD]) for part in parts))] if len(parts) > 1 else []
    return (Word(joined), *(Word(each, is_whole=True) for each in singular_forms(joined)), *apart)


def _words_of(text):
    before = []
    for chunk in _chunks_of(text):
        parts = [part for run in PART.findall(chunk) for part in HUMP.split(run)]
        runs = [*parts, *PART.findall(chunk), *_joined_runs(chunk), "".join(parts)]
        for word in dict.fromkeys(run.casefold() for run in runs if run):
            yield from _forms_of(word)
        for start in range(len(before)):
            yield "".join([*before[start:], *parts]).casefold()
        before = [*before[-2:], *parts] if len(parts) == 1 and parts[0].casefold() in PARTICLES else []


@lru_cache(MOST_KNOWN)
def _known_words_of(text):
    return tuple(_words_of(str(text or "")))


def _joined_runs(chunk):
    """“Jean-d’O’Brien” -> Jean, dOBrien, OBrien, Brien"""
    runs = [PART.findall(run) for run in APART.split(chunk)] if "'" in chunk else []
    return ["".join(run[at:]) for run in runs for at in range(len(run))]


def _forms_of(word):
    yield word
    yield from singular_forms(word)
    if word in SAME:
        yield SAME[word]
    if _is_unspaced(word):
        yield from (word[at:] for at in range(1, min(len(word), LONGEST_WORD)))


def _is_unspaced(word):
    """Chinese, Japanese and Thai are written without spaces: found from any sign on."""
    return any("\u3040" <= letter <= "\u9fff" or "\u0e00" <= letter <= "\u0e7f" for letter in word)


def _chunks_of(text):
    if "xn--" in text.lower():
        text = OUTLANDISH.sub(_in_own_letters, text)
    apart = unicodedata.normalize("NFKD", text.translate(LETTERS))
    return "".join(letter for letter in apart if unicodedata.category(letter) not in ("Mn", "Cf")).split()


def _in_own_letters(match):
    try:
        return match[0].encode("ascii").decode("idna")
    except UnicodeError:
        return match[0]
