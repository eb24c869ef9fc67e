"""The parts of a workbook file: their relations, and a streaming XML parser for each."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from xml.parsers import expat

from kido.data.workbook.bookfile import is_read

Attributes = dict[str, str]


class Package:
    """An open workbook file. Namespaces are ignored, so that strict workbooks are read as well."""

    def __init__(self, parts: zipfile.ZipFile):
        self.parts = parts
        self.names = set(parts.namelist())

    def walk(
        self,
        name: str,
        start: Callable[[str, Attributes], object],
        end: Callable[[str], object] = lambda tag: None,
        text: Callable[[str], object] = lambda data: None,
    ) -> None:
        """Parses a part, with callbacks by the local names of elements.

        Raises expat.ExpatError where it is not sound XML, ValueError where it may not be read.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, attributes: start(
            tag.rpartition(" ")[2], attributes
        )
        parser.EndElementHandler = lambda tag: end(tag.rpartition(" ")[2])
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse
        if not is_read(name):  # its size was not looked at
            raise ValueError(f"{name} is no place for what a workbook consists of")
        with self.parts.open(name) as file:
            parser.ParseFile(file)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """(kind, part name) of the relations of a part, by their identity."""
        folder, name = posixpath.split(part)
        result: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: Attributes) -> None:
            if tag != "Relationship":
                return
            target = attributes.get("Target", "")
            whole = target if target.startswith("/") else posixpath.join("/", folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            result[attributes.get("Id", "")] = (kind, posixpath.normpath(whole).lstrip("/"))

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations in self.names:
            self.walk(relations, start)
        return result


def local(attributes: Attributes, name: str) -> str:
    """The value of an attribute, whatever its namespace; '' where there is none."""
    return next((v for k, v in attributes.items() if k.rpartition(" ")[2] == name), "")


def truth(text: str) -> bool:
    """The value of a boolean attribute."""
    return text.strip().lower() in ("1", "true", "on")


def _refuse(*_: object) -> None:
    raise ValueError("a part of it declares entities")
