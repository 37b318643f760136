"""XML documents: what their text can hold, and how they are written."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from services.activation.renderers.renderer import Document


def can_carry(text: str) -> bool:
    """Whether XML 1.0 can hold every character, and none of them breaks a line."""
    return all(_is_character(ord(character)) for character in text)


def _is_character(point: int) -> bool:
    return 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or point >= 0x10000


def written(root: ET.Element, left_out: Sequence[str]) -> Document:
    """The document, with remarks for people at its end. They hold nothing that was entered."""
    for remark in left_out:
        root.append(ET.Comment(f" {remark} "))
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Document(content, tuple(left_out))
