"""Draws the photos of bench/decode_bench.ts: coloured shapes under noise of all scales, as JPEG (quality 85, 4:2:0).

usage: /usr/bin/python3 bench/make_photos.py FOLDER [COUNT, default 1000] [SIZE, default 500x375]
"""
import os
import sys

import numpy as np
from PIL import Image

WIDTH, HEIGHT = map(int, (sys.argv[3] if len(sys.argv) > 3 else "500x375").split("x"))


def photo(seed):
    rng = np.random.RandomState(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 128.0)
    # Noise at each scale with a strength that falls with the frequency, as in photographs.
    for step, strength in ((1, 4), (2, 6), (4, 10), (8, 14), (16, 20), (32, 28), (128, 40)):
        size = (WIDTH // step + 2, HEIGHT // step + 2)
        for channel in range(3):
            share = 1 if channel == 0 else 0.4
            grain = rng.normal(0, strength * share, size[::-1]).astype(np.float32)
            wide = Image.fromarray(grain).resize((size[0] * step, size[1] * step), Image.BICUBIC)
            grain = np.asarray(wide)[:HEIGHT, :WIDTH]
            if channel == 0:
                picture += grain[:, :, None]
            else:
                picture[:, :, channel] += grain
    for _ in range(6):
        x, y = rng.randint(0, WIDTH), rng.randint(0, HEIGHT)
        w, h = rng.randint(20, 160), rng.randint(20, 160)
        picture[y : y + h, x : x + w] += rng.normal(0, 30, 3)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


folder = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
for kind in ("a", "b"):
    os.makedirs(os.path.join(folder, kind), exist_ok=True)
for i in range(count):
    photo(i).save(os.path.join(folder, "ab"[i % 2], f"{i:04}.jpg"), quality=85)
