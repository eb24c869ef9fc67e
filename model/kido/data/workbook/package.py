"""The parts of a workbook file: found by their relations, walked as a stream."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from xml.parsers import expat

from kido.data.workbook.bookfile import is_read

Attributes = dict[str, str]


class Package:
    """An opened workbook file. Namespaces are put aside, so that the strict kind of a
    workbook is read like the usual kind."""

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
        """Tell every element of a part by its local name. Raises what is not sound XML."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, held: start(tag.rpartition(" ")[2], held)
        parser.EndElementHandler = lambda tag: end(tag.rpartition(" ")[2])
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse
        if not is_read(name):  # its size was not looked at
            raise ValueError(f"{name} is no place for what a workbook consists of")
        with self.parts.open(name) as file:
            parser.ParseFile(file)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and part name of what a part refers to, by the identity it uses."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, held: Attributes) -> None:
            if tag != "Relationship":
                return
            target = held.get("Target", "")
            whole = target if target.startswith("/") else posixpath.join("/", folder, target)
            kind = held.get("Type", "").rpartition("/")[2]
            found[held.get("Id", "")] = (kind, posixpath.normpath(whole).lstrip("/"))

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations in self.names:
            self.walk(relations, start)
        return found


def local(held: Attributes, name: str) -> str:
    """An attribute, whatever its namespace."""
    return next((v for k, v in held.items() if k.rpartition(" ")[2] == name), "")


def truth(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "on")


def _refuse(*_: object) -> None:
    raise ValueError("a part of it declares entities")
