"""Walking through an XML part element by element, never holding more of it than the path to where one is.

Owns: the parser's set-up: no document type, no entities of its own, a limit on depth, names without their namespace
(strict workbooks use other namespaces than usual ones, and mean the same). Knows nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol
from xml.parsers import expat

_CHUNK = 1 << 20


class Visitor(Protocol):
    """What is told of the elements, in the order they stand."""

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take note of an element's start; names are local, except those of attributes with a namespace."""

    def closed(self, name: str) -> None:
        """Take note of an element's end."""

    def words(self, text: str) -> None:
        """Take note of text, perhaps only part of it."""


def check(xml: bytes) -> None:
    """Make sure that a document is well-formed; it is the caller's to know that it has no document type.

    Raises:
        SyntaxError: it is not.
    """
    try:
        expat.ParserCreate(None, "}").Parse(xml, True)
    except expat.ExpatError as error:
        raise SyntaxError(str(error)) from error


def walk(xml: bytes, visitor: Visitor, depth: int) -> Iterator[None]:
    """Walk through an XML document; gives a moment's rest after every part of it.

    Args:
        xml: the document.
        visitor: is told of what is found.
        depth: elements that may be inside one another.

    Raises:
        SyntaxError: it is not well-formed.
        ValueError: it has a document type, or is nested deeper than allowed.
    """
    parser = expat.ParserCreate(None, "}")
    path: list[str] = []

    def start(full_name: str, attributes: dict[str, str]) -> None:
        name = full_name.rpartition("}")[2]
        path.append(name)
        if len(path) > depth:
            raise ValueError(f"elements nested more than {depth} deep")
        visitor.opened(name, attributes)

    def end(_: str) -> None:
        visitor.closed(path.pop())

    def refuse(*_: object) -> None:
        raise ValueError("it has a document type")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = visitor.words
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    view = memoryview(xml)
    try:
        for at in range(0, len(xml), _CHUNK):
            parser.Parse(view[at : at + _CHUNK], False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise SyntaxError(str(error)) from error
    except LookupError as error:  # an encoding there isn't
        raise SyntaxError(str(error)) from error
