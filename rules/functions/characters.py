"""Sets of characters, as regular expressions of XPath and XML Schema name them.

A set is a tuple of ascending, disjoint, inclusive ranges of code points. Tables that need a walk over all of
Unicode are made when first asked for and kept.
"""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]
EVERY: Ranges = ((0, sys.maxunicode),)
SPACE: Ranges = ((9, 10), (13, 13), (32, 32))
DOT: Ranges = ((0, 9), (11, 12), (14, sys.maxunicode))
NAME_START: Ranges = (
    (0x3A, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF),
    (0x370, 0x37D), (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF),
    (0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF),
)  # fmt: skip
NAME: Ranges = (
    (0x2D, 0x2E), (0x30, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xB7, 0xB7), (0xC0, 0xD6), (0xD8, 0xF6),
    (0xF8, 0x37D), (0x37F, 0x1FFF), (0x200C, 0x200D), (0x203F, 0x2040), (0x2070, 0x218F), (0x2C00, 0x2FEF),
    (0x3001, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF),
)  # fmt: skip


def union(sets: Iterable[Ranges]) -> Ranges:
    """Return what is in any of *sets*."""
    merged: list[list[int]] = []
    for low, high in sorted(pair for ranges in sets for pair in ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    return tuple((low, high) for low, high in merged)


def complement(ranges: Ranges) -> Ranges:
    """Return what is not in *ranges*."""
    found, start = [], 0
    for low, high in ranges:
        if low > start:
            found.append((start, low - 1))
        start = high + 1
    if start <= sys.maxunicode:
        found.append((start, sys.maxunicode))
    return tuple(found)


def difference(ranges: Ranges, less: Ranges) -> Ranges:
    """Return what is in *ranges* but not in *less*."""
    return complement(union((complement(ranges), less)))


def contains(ranges: Ranges, code: int) -> bool:
    """Whether the code point is in *ranges*."""
    index = bisect_right(ranges, (code, sys.maxunicode)) - 1
    return index >= 0 and ranges[index][1] >= code


_WALKED = (range(0x40000), range(0xE0000, 0xF0000))
"""Where characters are assigned one by one; the planes 4 to 13 are empty, those behind 14 are for private use."""


@lru_cache(maxsize=1)
def _categories() -> Mapping[str, Ranges]:
    """Walk over Unicode once, noting the ranges of every general category."""
    found: dict[str, list[list[int]]] = {
        "Cn": [[0x40000, 0xDFFFF], [0xFFFFE, 0xFFFFF], [0x10FFFE, 0x10FFFF]],
        "Co": [[0xF0000, 0xFFFFD], [0x100000, 0x10FFFD]],
    }
    for codes in _WALKED:
        for code in codes:
            ranges = found.setdefault(unicodedata.category(chr(code)), [])
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return {name: union([tuple((low, high) for low, high in ranges)]) for name, ranges in found.items()}


@lru_cache(maxsize=128)
def category(name: str) -> Ranges | None:
    """Return the characters of a general category (``L``, ``Lu``), ``None`` if there is none of that name."""
    table = _categories()
    if len(name) == 2:
        return table.get(name)
    parts = [ranges for key, ranges in table.items() if key[0] == name]
    return union(parts) if len(name) == 1 and parts else None


@lru_cache(maxsize=1)
def word() -> Ranges:
    """Return what ``\\w`` means: everything but punctuation, separators and others."""
    return complement(union(category(name) or () for name in "PZC"))


@lru_cache(maxsize=1)
def _cases() -> Mapping[int, frozenset[int]]:
    """Return for each character that has them its other cases."""
    groups: dict[str, set[int]] = {}
    for code in range(0x1E944):
        char = chr(code)
        if char.lower() != char or char.upper() != char:
            folded = char.casefold()
            for key in {folded, char.lower().casefold(), char.upper().casefold()}:
                if len(key) == 1:
                    groups.setdefault(key, set()).update((code, ord(key)))
    table: dict[int, set[int]] = {}
    for group in groups.values():
        for code in group:
            table.setdefault(code, set()).update(group)
    return {code: frozenset(others) for code, others in table.items()}


def both_cases(ranges: Ranges) -> Ranges:
    """Return *ranges* and every character that differs from one of them in case only."""
    extra = [
        (other, other) for code, others in _cases().items() if contains(ranges, code) for other in others
    ]
    return union((ranges, tuple(sorted(extra)))) if extra else ranges


def block(name: str) -> Ranges | None:
    """Return the characters of a Unicode block as ``\\p{IsBasicLatin}`` names it, ``None`` for an unknown
    one.
    """
    found = BLOCKS.get(name)
    return None if found is None else (found,)


BLOCKS: Mapping[str, tuple[int, int]] = {
    "BasicLatin": (0x0, 0x7F), "Latin-1Supplement": (0x80, 0xFF), "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F), "IPAExtensions": (0x250, 0x2AF), "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F), "Greek": (0x370, 0x3FF), "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF), "CyrillicSupplement": (0x500, 0x52F), "Armenian": (0x530, 0x58F),
    "Hebrew": (0x590, 0x5FF), "Arabic": (0x600, 0x6FF), "Syriac": (0x700, 0x74F), "ArabicSupplement": (0x750, 0x77F),
    "Thaana": (0x780, 0x7BF), "NKo": (0x7C0, 0x7FF), "Samaritan": (0x800, 0x83F), "Mandaic": (0x840, 0x85F),
    "Devanagari": (0x900, 0x97F), "Bengali": (0x980, 0x9FF), "Gurmukhi": (0xA00, 0xA7F), "Gujarati": (0xA80, 0xAFF),
    "Oriya": (0xB00, 0xB7F), "Tamil": (0xB80, 0xBFF), "Telugu": (0xC00, 0xC7F), "Kannada": (0xC80, 0xCFF),
    "Malayalam": (0xD00, 0xD7F), "Sinhala": (0xD80, 0xDFF), "Thai": (0xE00, 0xE7F), "Lao": (0xE80, 0xEFF),
    "Tibetan": (0xF00, 0xFFF), "Myanmar": (0x1000, 0x109F), "Georgian": (0x10A0, 0x10FF),
    "HangulJamo": (0x1100, 0x11FF), "Ethiopic": (0x1200, 0x137F), "EthiopicSupplement": (0x1380, 0x139F),
    "Cherokee": (0x13A0, 0x13FF), "UnifiedCanadianAboriginalSyllabics": (0x1400, 0x167F), "Ogham": (0x1680, 0x169F),
    "Runic": (0x16A0, 0x16FF), "Tagalog": (0x1700, 0x171F), "Hanunoo": (0x1720, 0x173F), "Buhid": (0x1740, 0x175F),
    "Tagbanwa": (0x1760, 0x177F), "Khmer": (0x1780, 0x17FF), "Mongolian": (0x1800, 0x18AF), "Limbu": (0x1900, 0x194F),
    "TaiLe": (0x1950, 0x197F), "NewTaiLue": (0x1980, 0x19DF), "KhmerSymbols": (0x19E0, 0x19FF),
    "Buginese": (0x1A00, 0x1A1F), "Balinese": (0x1B00, 0x1B7F), "Sundanese": (0x1B80, 0x1BBF),
    "Lepcha": (0x1C00, 0x1C4F), "OlChiki": (0x1C50, 0x1C7F), "PhoneticExtensions": (0x1D00, 0x1D7F),
    "PhoneticExtensionsSupplement": (0x1D80, 0x1DBF), "CombiningDiacriticalMarksSupplement": (0x1DC0, 0x1DFF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF), "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F), "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF), "CombiningMarksforSymbols": (0x20D0, 0x20FF),
    "CombiningDiacriticalMarksforSymbols": (0x20D0, 0x20FF), "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F), "Arrows": (0x2190, 0x21FF), "MathematicalOperators": (0x2200, 0x22FF),
    "MiscellaneousTechnical": (0x2300, 0x23FF), "ControlPictures": (0x2400, 0x243F),
    "OpticalCharacterRecognition": (0x2440, 0x245F), "EnclosedAlphanumerics": (0x2460, 0x24FF),
    "BoxDrawing": (0x2500, 0x257F), "BlockElements": (0x2580, 0x259F), "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF), "Dingbats": (0x2700, 0x27BF),
    "MiscellaneousMathematicalSymbols-A": (0x27C0, 0x27EF), "SupplementalArrows-A": (0x27F0, 0x27FF),
    "BraillePatterns": (0x2800, 0x28FF), "SupplementalArrows-B": (0x2900, 0x297F),
    "MiscellaneousMathematicalSymbols-B": (0x2980, 0x29FF), "SupplementalMathematicalOperators": (0x2A00, 0x2AFF),
    "MiscellaneousSymbolsandArrows": (0x2B00, 0x2BFF), "Glagolitic": (0x2C00, 0x2C5F),
    "LatinExtended-C": (0x2C60, 0x2C7F), "Coptic": (0x2C80, 0x2CFF), "GeorgianSupplement": (0x2D00, 0x2D2F),
    "Tifinagh": (0x2D30, 0x2D7F), "EthiopicExtended": (0x2D80, 0x2DDF), "CyrillicExtended-A": (0x2DE0, 0x2DFF),
    "SupplementalPunctuation": (0x2E00, 0x2E7F), "CJKRadicalsSupplement": (0x2E80, 0x2EFF),
    "KangxiRadicals": (0x2F00, 0x2FDF), "IdeographicDescriptionCharacters": (0x2FF0, 0x2FFF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F), "Hiragana": (0x3040, 0x309F), "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F), "HangulCompatibilityJamo": (0x3130, 0x318F), "Kanbun": (0x3190, 0x319F),
    "BopomofoExtended": (0x31A0, 0x31BF), "CJKStrokes": (0x31C0, 0x31EF),
    "KatakanaPhoneticExtensions": (0x31F0, 0x31FF), "EnclosedCJKLettersandMonths": (0x3200, 0x32FF),
    "CJKCompatibility": (0x3300, 0x33FF), "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "YijingHexagramSymbols": (0x4DC0, 0x4DFF), "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "YiSyllables": (0xA000, 0xA48F), "YiRadicals": (0xA490, 0xA4CF), "Vai": (0xA500, 0xA63F),
    "CyrillicExtended-B": (0xA640, 0xA69F), "ModifierToneLetters": (0xA700, 0xA71F),
    "LatinExtended-D": (0xA720, 0xA7FF), "HangulSyllables": (0xAC00, 0xD7AF), "HighSurrogates": (0xD800, 0xDB7F),
    "HighPrivateUseSurrogates": (0xDB80, 0xDBFF), "LowSurrogates": (0xDC00, 0xDFFF), "PrivateUse": (0xE000, 0xF8FF),
    "PrivateUseArea": (0xE000, 0xF8FF), "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "AlphabeticPresentationForms": (0xFB00, 0xFB4F), "ArabicPresentationForms-A": (0xFB50, 0xFDFF),
    "VariationSelectors": (0xFE00, 0xFE0F), "CombiningHalfMarks": (0xFE20, 0xFE2F),
    "CJKCompatibilityForms": (0xFE30, 0xFE4F), "SmallFormVariants": (0xFE50, 0xFE6F),
    "ArabicPresentationForms-B": (0xFE70, 0xFEFF), "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
    "Specials": (0xFFF0, 0xFFFF), "LinearBSyllabary": (0x10000, 0x1007F), "OldItalic": (0x10300, 0x1032F),
    "Gothic": (0x10330, 0x1034F), "Deseret": (0x10400, 0x1044F), "ByzantineMusicalSymbols": (0x1D000, 0x1D0FF),
    "MusicalSymbols": (0x1D100, 0x1D1FF), "MathematicalAlphanumericSymbols": (0x1D400, 0x1D7FF),
    "Emoticons": (0x1F600, 0x1F64F), "CJKUnifiedIdeographsExtensionB": (0x20000, 0x2A6DF),
    "CJKCompatibilityIdeographsSupplement": (0x2F800, 0x2FA1F), "Tags": (0xE0000, 0xE007F),
    "SupplementaryPrivateUseArea-A": (0xF0000, 0xFFFFF), "SupplementaryPrivateUseArea-B": (0x100000, 0x10FFFF),
}  # fmt: skip
