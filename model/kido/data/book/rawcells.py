"""A quick look into the stored sheets for what a parser of values cannot tell.

A formula that was never calculated and a blank cell look alike once only values are
read; so do a figure typed here and one fetched from another workbook.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree import ElementTree

CELL = re.compile(rb"<(?:\w+:)?c\b((?:[^>]*[^>/])?)>(.*?)</(?:\w+:)?c>", re.S)
ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
COORDINATE = re.compile(rb'\br="([A-Z]+[0-9]+)"')
STORED = re.compile(rb"<(?:\w+:)?v\b[^>]*>[^<]+</")
EMPTY_TEXT = re.compile(rb'\bt="str"')
LINKED = re.compile(rb"\[\d+\][^\[\]<>]*!")


@dataclass(frozen=True)
class Formulas:
    """Cells of one sheet whose formula has no stored value, or reads another workbook."""

    unvalued: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()


def formulas(data: bytes) -> dict[str, Formulas]:
    """The formulas to beware of, by sheet title; sheets without any are left out."""
    found = {}
    with zipfile.ZipFile(BytesIO(data)) as parts:
        for title, name in _sheets(parts):
            text = parts.read(name)
            if ANY_FORMULA.search(text):
                found[title] = _scan(text)
    return found


def _scan(text: bytes) -> Formulas:
    unvalued, linked = set(), set()
    for cell in CELL.finditer(text):
        head, body = cell.groups()
        where = COORDINATE.search(head)
        if where is None or not ANY_FORMULA.search(body):
            continue
        coordinate = where.group(1).decode()
        if LINKED.search(body):
            linked.add(coordinate)
        if not STORED.search(body) and not EMPTY_TEXT.search(head):
            unvalued.add(coordinate)
    return Formulas(frozenset(unvalued), frozenset(linked))


def _sheets(parts: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Title and part name of every sheet."""
    book = next(
        (target for kind, target in _relations(parts, "").values() if kind == "officeDocument"),
        "xl/workbook.xml",
    )
    relations = _relations(parts, book)
    for node in ElementTree.fromstring(parts.read(book)).iter():
        if _local(node.tag) == "sheet":
            key = next((v for k, v in node.attrib.items() if _local(k) == "id"), "")
            kind, target = relations.get(key, ("", ""))
            if kind == "worksheet" and target in parts.namelist():
                yield node.attrib.get("name", ""), target


def _relations(parts: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    folder, name = posixpath.split(part)
    tree = ElementTree.fromstring(parts.read(posixpath.join(folder, "_rels", f"{name}.rels")))
    found = {}
    for node in tree.iter():
        target = node.attrib.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        kind = node.attrib.get("Type", "").rpartition("/")[2]
        found[node.attrib.get("Id", "")] = (kind, posixpath.normpath(whole))
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
