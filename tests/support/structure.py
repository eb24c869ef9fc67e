"""The structure of a package: its rooms, the arrows between them, floors and circles.

A room is a module or a sub-package right below the package. Run it:
`python tests/structure.py model kido.study`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


@dataclass(frozen=True)
class Structure:
    """`arrows[room]`: the rooms it imports while it runs, not for its types alone."""

    modules: int
    arrows: Mapping[str, frozenset[str]]

    @property
    def circles(self) -> list[list[str]]:
        """One circle, where there is any: rooms that import one another."""
        try:
            TopologicalSorter(self.arrows).prepare()
        except CycleError as circle:
            return [list(circle.args[1])]
        return []

    @property
    def floors(self) -> int:
        """The rooms of the longest way down; a circle counts once."""
        below: dict[str, int] = {}

        def height(room: str, above: tuple[str, ...] = ()) -> int:
            if room not in below:
                down = [r for r in self.arrows.get(room, ()) if r not in (*above, room)]
                below[room] = 1 + max((height(r, (*above, room)) for r in down), default=0)
            return below[room]

        return max(map(height, self.arrows), default=0)


def structure(source: Path, package: str) -> Structure:
    """Of a package below the folder `source`."""
    folder = source / package.replace(".", "/")
    arrows: dict[str, set[str]] = {}
    files = sorted(folder.rglob("*.py"))
    for file in files:
        room = file.relative_to(folder).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        targets = arrows.setdefault(room, set())
        for name in _imports(ast.parse(file.read_text("utf-8"))):
            if name.startswith(f"{package}."):
                targets.add(name.removeprefix(f"{package}.").split(".")[0])
    known = set(arrows)
    links = {r: frozenset((t & known) - {r}) for r, t in arrows.items()}
    return Structure(len([f for f in files if f.stat().st_size]), links)


def _imports(tree: ast.AST) -> Iterator[str]:
    """What is imported; a package's own names count as modules of it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        yield from _imports(node)


if __name__ == "__main__":
    found = structure(Path(sys.argv[1]), sys.argv[2])
    count = sum(map(len, found.arrows.values()))
    print(f"{found.modules} modules, {len(found.arrows)} rooms on {found.floors} floors, "
          f"{count} arrows, circles: {found.circles or 'none'}")  # fmt: skip
    for name, down in sorted(found.arrows.items()):
        print(f"  {name:16} -> {', '.join(sorted(down))}")
