"""Makes a little video without any tool: YUV4MPEG2, the plain form that every encoder reads.

    python3 make_clip.py clip.y4m [--width 96] [--height 64] [--frames 48]

A bright ball crosses a dim room; half-way the light changes, which is the cut that the pipeline has to find.
"""
import argparse
import pathlib


def luma(width, height, frame, frames):
    """The brightness of each pixel of one frame, row by row."""
    scene = 0 if frame < frames // 2 else 1
    centre_x = (frame + 0.5) * width / frames
    centre_y = height / 2 + (height / 4) * (1 if frame % 16 < 8 else -1) * (frame % 8) / 8
    radius = height / 8
    made = bytearray()
    for y in range(height):
        for x in range(width):
            is_ball = (x - centre_x) ** 2 + (y - centre_y) ** 2 <= radius**2
            made.append(235 if is_ball else (40 + 60 * scene + 20 * x // width))
    return bytes(made)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=pathlib.Path)
    for name, value in (("width", 96), ("height", 64), ("frames", 48)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    if given.width % 4 or given.height % 4:
        parser.error("width and height must be multiples of 4")
    given.path.parent.mkdir(parents=True, exist_ok=True)
    with open(given.path, "wb") as clip:
        clip.write(f"YUV4MPEG2 W{given.width} H{given.height} F24:1 Ip A1:1 C420jpeg\n".encode())
        grey = bytes([128]) * (given.width * given.height // 4)
        for frame in range(given.frames):
            clip.write(b"FRAME\n" + luma(given.width, given.height, frame, given.frames) + grey + grey)
    print(f"{given.path}: {given.frames} frames of {given.width}x{given.height}, {given.path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
