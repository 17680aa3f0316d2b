"""Makes caches.zip: embedding caches as micro-sam writes them, with small features.

v2 is written by zarr-python 2.13 with its default compressor, in the order of calls of micro_sam.util
(version 1.8.10); v3 has the same content with chunks of numcodecs' zstd at level 0, zarr-python 3's
default, and metadata by the specification. Feature [z, 0, c, y, x] of tile t is
t + z / 2 + c / 8 + y / 64 + x / 1024.

    python3 make_caches.py caches.zip
"""

import json
import os
import sys
import tempfile
import zipfile

import numpy as np
import numcodecs
import zarr

C, S = 16, 4


def features(tile=0, slices=None):
    grid = np.arange(C)[:, None, None] / 8 + np.arange(S)[:, None] / 64 + np.arange(S) / 1024 + tile
    one = grid[None].astype("float32")
    return one if slices is None else np.stack([one + z / 2 for z in range(slices)])


def signature(tile_shape=None, halo=None):
    return {"data_signature": "0123456789abcdef0123456789abcdef01234567", "tile_shape": tile_shape,
            "halo": halo, "model_type": "vit_b", "model_name": "vit_b_lm",
            "micro_sam_version": "1.8.10", "model_hash": "xxh128:" + "ab" * 16}


class V3:
    """As much of zarr-python 3's Group and Array as the functions below use."""

    def __init__(self, path, metadata=None):
        self.path = path
        self.metadata = metadata or {"zarr_format": 3, "node_type": "group", "attributes": {}}
        self.attrs = self
        os.makedirs(path, exist_ok=True)
        self._save()

    def _save(self):
        with open(os.path.join(self.path, "zarr.json"), "w") as f:
            json.dump(self.metadata, f)

    def update(self, attributes):
        self.metadata["attributes"].update(attributes)
        self._save()

    def __setitem__(self, key, value):
        self.update({key: value})

    def require_group(self, name):
        return V3(os.path.join(self.path, name))

    def create_dataset(self, name, data, chunks=None):
        chunks = chunks or data.shape
        named = lambda name, **configuration: {"name": name, "configuration": configuration}
        array = V3(os.path.join(self.path, name), {
            "zarr_format": 3, "node_type": "array", "shape": data.shape, "data_type": "float32",
            "chunk_grid": named("regular", chunk_shape=chunks), "fill_value": 0.0,
            "chunk_key_encoding": named("default", separator="/"), "attributes": {},
            "storage_transformers": [],
            "codecs": [named("bytes", endian="little"), named("zstd", level=0, checksum=False)]})
        for i in range(data.shape[0] // chunks[0]):
            path = os.path.join(array.path, "c", *[str(n) for n in (i,) + (0,) * (data.ndim - 1)])
            os.makedirs(os.path.dirname(path))
            with open(path, "wb") as f:
                f.write(numcodecs.Zstd(level=0).encode(np.ascontiguousarray(data[i:i + chunks[0]])))
        return array


def whole(f):
    f.create_dataset("features", data=features(), chunks=(1, C, S, S))
    f.attrs.update(signature())
    f.attrs.update({"input_size": [50, 64], "original_size": [70, 90]})


def stack(f):
    f.create_dataset("features", data=features(slices=3), chunks=(1, 1, C, S, S))
    f.attrs.update(signature())
    f.attrs.update({"input_size": [50, 64], "original_size": [70, 90]})


def tiled(f, slices=None):
    group = f.require_group("features")
    group.attrs["shape"] = [70, 90]
    group.attrs["tile_shape"] = [40, 50]
    group.attrs["halo"] = [8, 10]
    for tile, size in enumerate([[48, 60], [48, 50], [38, 60], [38, 50]]):
        if tile == 2:
            continue
        data = features(tile, slices)
        array = group.create_dataset(
            str(tile), data=data, chunks=data.shape if slices is None else (1,) + data.shape[1:])
        array.attrs["original_size"] = size
        array.attrs["input_size"] = [int(n * 64 / max(size) + 0.5) for n in size]
    f.attrs.update(signature([40, 50], [8, 10]))
    f.attrs.update({"input_size": None, "original_size": None})
    group.attrs["tiles_in_mask"] = (
        [0, 1, 3] if slices is None else {"0": [0, 1, 3], "1": [], "2": [3]})


def main(target):
    with tempfile.TemporaryDirectory() as root, zipfile.ZipFile(
            target, "w", zipfile.ZIP_DEFLATED) as out:
        for version, opened in (("v2", lambda p: zarr.open(p, mode="a")), ("v3", V3)):
            path = lambda name: os.path.join(root, version, name)
            whole(opened(path("whole.zarr")))
            stack(opened(path("stack.zarr")))
            tiled(opened(path("tiled.zarr")))
            tiled(opened(path("tiled_stack.zarr")), slices=3)
        for folder, _, files in sorted(os.walk(root)):
            for name in sorted(files):
                file = os.path.join(folder, name)
                out.writestr(zipfile.ZipInfo(os.path.relpath(file, root)), open(file, "rb").read(),
                             zipfile.ZIP_DEFLATED)


main(sys.argv[1])
