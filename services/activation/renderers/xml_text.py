"""XML documents: what their text can hold, and how they are written."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET


def can_carry(text: str) -> bool:
    """Whether XML 1.0 can hold every character, and none of them breaks a line."""
    return all(_is_character(ord(character)) for character in text)


def _is_character(point: int) -> bool:
    return 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or point >= 0x10000


def written(root: ET.Element, remarks: Iterable[str]) -> bytes:
    """The document, with remarks for people at its end. They hold nothing that was entered."""
    for remark in remarks:
        root.append(ET.Comment(f" {remark} "))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
