"""Makes arrays.zip: arrays as Python writes them, to be read by the tests.

v2 is written by zarr-python 2.13 with numcodecs 0.11. v3 has chunks compressed by numcodecs, and
metadata by the specification of Zarr 3, since that version of zarr-python cannot write them.
Element [i, j] is (i * i + 3 * j) % 1000 (for floats divided by 8; for bools, whether it is odd).

    python3 make_arrays.py arrays.zip
"""

import json
import os
import struct
import sys
import tempfile
import zipfile

import numpy as np
import numcodecs
import zarr
from numcodecs import Blosc

I, J = np.mgrid[:70, :90]
VALUES = (I * I + 3 * J) % 1000
CHUNKS = (50, 64)


def values(dtype):
    if np.dtype(dtype).kind == "f":
        return (VALUES / 8).astype(dtype)
    if np.dtype(dtype).kind == "b":
        return VALUES % 2 == 1
    if np.dtype(dtype).itemsize == 1:
        return (VALUES % 128).astype(dtype)
    return VALUES.astype(dtype)


def v2(root):
    group = zarr.open_group(os.path.join(root, "v2"), mode="w")
    group.attrs["name"] = "arrays"
    put = lambda name, dtype, **more: group.create_dataset(
        name, data=values(dtype), chunks=CHUNKS, dtype=dtype, **more)
    put("default", "float32").attrs["size"] = [70, 90]
    for cname in ("blosclz", "lz4", "lz4hc", "zlib", "zstd", "snappy"):
        if cname in numcodecs.blosc.list_compressors():
            for shuffle in (Blosc.NOSHUFFLE, Blosc.SHUFFLE, Blosc.BITSHUFFLE):
                put("blosc_%s_%d" % (cname, shuffle), "uint16",
                    compressor=Blosc(cname=cname, clevel=5, shuffle=shuffle))
    put("blosc_blocks", "float64", compressor=Blosc(cname="lz4", clevel=9, blocksize=4096))
    put("blosc_blocklz", "int64", compressor=Blosc(cname="blosclz", clevel=9, blocksize=8000))
    put("zstd", "int32", compressor=numcodecs.Zstd(level=1))
    put("gzip", "uint8", compressor=numcodecs.GZip(level=1))
    put("zlib", "int8", compressor=numcodecs.Zlib(level=1))
    put("lz4", "uint32", compressor=numcodecs.LZ4())
    put("raw", "uint64", compressor=None)
    put("big", ">i2", compressor=None)
    put("columns", "float32", order="F")
    put("bool", "bool")
    put("slash", "int16", dimension_separator="/")
    empty = group.create_dataset("filled", shape=(70, 90), chunks=CHUNKS, dtype="f4", fill_value=7)
    empty[0:50, 0:64] = values("float32")[0:50, 0:64]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("<I", crc ^ 0xFFFFFFFF)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content)


def named(name, **configuration):
    return {"name": name, "configuration": configuration}


def v3_array(folder, dtype, codecs, encode, keys=named("default", separator="/"),
             chunks=CHUNKS, name=lambda i, j: "c/%d/%d" % (i, j)):
    data = values(dtype)
    write(os.path.join(folder, "zarr.json"), json.dumps({
        "zarr_format": 3, "node_type": "array", "shape": [70, 90], "data_type": dtype,
        "chunk_grid": named("regular", chunk_shape=list(chunks)), "chunk_key_encoding": keys,
        "fill_value": 0, "codecs": codecs, "attributes": {"size": [70, 90]}}).encode())
    for i in range(-(-70 // chunks[0])):
        for j in range(-(-90 // chunks[1])):
            chunk = np.zeros(chunks, dtype)
            part = data[i * chunks[0]:(i + 1) * chunks[0], j * chunks[1]:(j + 1) * chunks[1]]
            chunk[:part.shape[0], :part.shape[1]] = part
            write(os.path.join(folder, name(i, j)), encode(chunk))


def shard(first):
    inner = (25, 16)
    zstd = numcodecs.Zstd(level=1)

    def encode(chunk):
        entries, content = [], b""
        offset = 8 * 16 + 4 if first else 0
        for i in range(2):
            for j in range(4):
                part = np.ascontiguousarray(chunk[i * 25:(i + 1) * 25, j * 16:(j + 1) * 16])
                if not part.any():
                    entries += [2**64 - 1, 2**64 - 1]
                    continue
                packed = zstd.encode(part)
                entries += [offset + len(content), len(packed)]
                content += packed
        index = struct.pack("<%dQ" % len(entries), *entries)
        index += crc32c(index)
        return index + content if first else content + index

    codec = named(
        "sharding_indexed", chunk_shape=list(inner), codecs=[BYTES, named("zstd", level=1)],
        index_codecs=[BYTES, {"name": "crc32c"}], index_location="start" if first else "end")
    return [codec], encode


BYTES = named("bytes", endian="little")


def v3(root):
    folder = os.path.join(root, "v3")
    write(os.path.join(folder, "zarr.json"), json.dumps({
        "zarr_format": 3, "node_type": "group", "attributes": {"name": "arrays"}}).encode())
    zstd = numcodecs.Zstd(level=0)
    v3_array(folder + "/default", "float32",
             [BYTES, named("zstd", level=0, checksum=False)], zstd.encode)
    blosc = Blosc(cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE)
    v3_array(folder + "/blosc", "float32",
             [BYTES, named("blosc", cname="lz4", clevel=5, shuffle="shuffle", typesize=4,
                           blocksize=0)], blosc.encode)
    gzip = numcodecs.GZip(level=1)
    v3_array(folder + "/gzip_big", "uint16", [named("bytes", endian="big"), named("gzip", level=1)],
             lambda chunk: gzip.encode(chunk.astype(">u2")))
    v3_array(folder + "/transposed_crc", "int32",
             [named("transpose", order=[1, 0]), BYTES, {"name": "crc32c"}],
             lambda chunk: chunk.T.tobytes() + crc32c(chunk.T.tobytes()))
    v3_array(folder + "/v2_keys", "uint8", [{"name": "bytes"}], lambda chunk: chunk.tobytes(),
             named("v2", separator="."), name=lambda i, j: "%d.%d" % (i, j))
    v3_array(folder + "/sharded", "float64", *shard(False))
    v3_array(folder + "/sharded_first", "uint32", *shard(True))


def main(target):
    with tempfile.TemporaryDirectory() as root, zipfile.ZipFile(
            target, "w", zipfile.ZIP_DEFLATED) as out:
        v2(root)
        v3(root)
        for folder, _, files in sorted(os.walk(root)):
            for name in sorted(files):
                path = os.path.join(folder, name)
                out.writestr(zipfile.ZipInfo(os.path.relpath(path, root)), open(path, "rb").read(),
                             zipfile.ZIP_DEFLATED)


main(sys.argv[1])
