"""`ArrayFolder`: named arrays on disk by key, one file a key, written whole.

The files hold arrays only: nothing in them can be executed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from kido.files import write_whole

DIGEST = "sha256"  # the name of an array in the files


class ArrayFolder:
    """A folder of files of arrays, made with the first of them."""

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, key: str) -> dict[str, Any] | None:
        """The arrays under a key; None if there are none, or none that can be read."""
        try:
            with np.load(self.folder / f"{key}.npz", allow_pickle=False) as stored:
                arrays = dict(stored)
            return arrays if str(arrays.pop(DIGEST)) == digest(arrays, key) else None
        except Exception:  # a torn or foreign file may raise anything; it is no result
            return None

    def put(self, key: str, arrays: Mapping[str, Any]) -> None:
        """Write arrays whole; if the disk refuses, the work goes on without them."""
        buffer = BytesIO()
        stored_digest = {DIGEST: np.array(digest(arrays, key))}
        np.savez_compressed(buffer, **{**arrays, **stored_digest})
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / f"{key}.npz", buffer.getvalue())

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def digest(arrays: Mapping[str, Any], key: str = "") -> str:
    """Hash of arrays and their key, so that an edited or moved file is not taken for a result."""
    result = sha256(key.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        result.update(f"|{name}|{array.dtype.str}|{array.shape}|".encode())
        result.update(array.tobytes())
    return result.hexdigest()
