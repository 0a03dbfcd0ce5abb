"""Reading and writing YUV4MPEG2: a line that says how large the frames are, then each frame as planes of bytes."""
import os
import pathlib
import tempfile


class NotAVideo(Exception):
    """The file is not YUV4MPEG2 with 4:2:0 chroma, or it ends in the middle of a frame."""


def header(file):
    words = file.readline(256).decode("ascii", "replace").split()
    if not words or words[0] != "YUV4MPEG2":
        raise NotAVideo("it does not begin with YUV4MPEG2")
    said = {word[0]: word[1:] for word in words[1:]}
    if not said.get("C", "420jpeg").startswith("420"):
        raise NotAVideo(f"chroma {said['C']} is not 4:2:0")
    width, height = int(said["W"]), int(said["H"])
    number, _, base = said.get("F", "24:1").partition(":")
    return {"width": width, "height": height, "rate": int(number) / int(base or 1)}


def frames(path):
    """Yields (luma, blue, red) of each frame."""
    with open(path, "rb") as file:
        about = header(file)
        luma, chroma = about["width"] * about["height"], (about["width"] // 2) * (about["height"] // 2)
        while True:
            line = file.readline(256)
            if not line:
                return
            data = file.read(luma + 2 * chroma)
            if not line.startswith(b"FRAME") or len(data) != luma + 2 * chroma:
                raise NotAVideo("it ends in the middle of a frame")
            yield data[:luma], data[luma : luma + chroma], data[luma + chroma :]


def about(path):
    with open(path, "rb") as file:
        return header(file)


def replace(path, data):
    """Writes a whole file or nothing, so that a function that is killed can be called again."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
        file.write(data)
    os.replace(file.name, path)
    return {"path": str(path), "bytes": len(data)}
