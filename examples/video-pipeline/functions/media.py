"""The work on a clip: what it is, smaller renditions, a thumbnail, cuts between scenes, and a manifest of all of it."""
import hashlib
import json
import pathlib
import struct
import zlib

import y4m


def probe(event, context):
    source = event["source"]
    about = y4m.about(source)
    count = sum(1 for _ in y4m.frames(source))
    if count == 0:
        raise y4m.NotAVideo("it has no frames")
    return {**about, "frames": count, "seconds": round(count / about["rate"], 3)}


def _shrink(plane, width, height, factor):
    """Each pixel of the smaller plane is the mean of factor x factor pixels."""
    area = factor * factor
    made = bytearray()
    for top in range(0, height, factor):
        rows = [plane[row * width : (row + 1) * width] for row in range(top, top + factor)]
        for left in range(0, width, factor):
            made.append(sum(sum(row[left : left + factor]) for row in rows) // area)
    return bytes(made)


def render(event, context):
    """A rendition of half or a quarter of the size, and so on."""
    source, factor = event["source"], event["factor"]
    about = y4m.about(source)
    width, height = about["width"], about["height"]
    if factor < 1 or width % (2 * factor) or height % (2 * factor):
        raise ValueError(f"{width}x{height} cannot be divided by {factor}")
    parts = [f"YUV4MPEG2 W{width // factor} H{height // factor} F{about['rate']:.0f}:1 Ip A1:1 C420jpeg\n".encode()]
    for luma, blue, red in y4m.frames(source):
        parts.append(b"FRAME\n" + _shrink(luma, width, height, factor))
        parts.append(_shrink(blue, width // 2, height // 2, factor) + _shrink(red, width // 2, height // 2, factor))
    made = y4m.replace(pathlib.Path(event["folder"]) / f"{width // factor}x{height // factor}.y4m", b"".join(parts))
    return {**made, "width": width // factor, "height": height // factor}


def thumbnail(event, context):
    """The frame in the middle as a PNG: a zlib stream between three chunks."""
    about = y4m.about(event["source"])
    width, height = about["width"], about["height"]
    for number, (luma, _, _) in enumerate(y4m.frames(event["source"])):
        if number == event["frames"] // 2:
            break

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + luma[row * width : (row + 1) * width] for row in range(height))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return y4m.replace(pathlib.Path(event["folder"]) / "thumbnail.png", png)


def scenes(event, context):
    """A cut is where the mean brightness jumps from one frame to the next."""
    means = [sum(luma) / len(luma) for luma, _, _ in y4m.frames(event["source"])]
    cuts = [number for number in range(1, len(means)) if abs(means[number] - means[number - 1]) > 16]
    return {"cuts": cuts, "scenes": len(cuts) + 1}


def publish(event, context):
    """The manifest is written last and whole: a folder without one is not published."""
    files = [event["thumbnail"]["path"], *(rendition["path"] for rendition in event["renditions"])]
    digests = {}
    for path in files:
        digests[pathlib.Path(path).name] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    manifest = {"clip": event["clip"], "scenes": event["scenes"], "files": digests}
    made = y4m.replace(pathlib.Path(event["folder"]) / "manifest.json", json.dumps(manifest, indent=2).encode())
    return {"manifest": made["path"], "files": len(files), "scenes": event["scenes"]["scenes"]}
