"""The scikit-learn side of bench/many_classes_bench.ts.

usage: /usr/bin/python3 bench/many_classes.py make FOLDER CLASSES IMAGES
       /usr/bin/python3 bench/many_classes.py fit FEATURES.safetensors C

`make` draws small images: a colour for each class, a white line at another height for each image. `fit` trains scikit-learn's default
LogisticRegression (lbfgs, at most 100 iterations, tol 1e-4) after StandardScaler once and prints a line of JSON.
"""
import json
import os
import resource
import struct
import sys
import time
import warnings

import numpy as np

if sys.argv[1] == "make":
    from PIL import Image

    folder, classes, images = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    for k in range(classes):
        colour = np.random.RandomState(k).randint(0, 255, 3)
        os.makedirs(os.path.join(folder, f"class{k:04}"), exist_ok=True)
        for i in range(images):
            pixels = np.full((24, 24, 3), colour, np.uint8)
            pixels[i % 24] = 255
            pixels[:, i // 24] = 255 - pixels[:, i // 24]
            Image.fromarray(pixels).save(os.path.join(folder, f"class{k:04}", f"{i:05}.png"))
else:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    warnings.simplefilter("ignore")
    with open(sys.argv[2], "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()

    def tensor(name, dtype):
        start, end = header[name]["data_offsets"]
        return np.frombuffer(data[start:end], dtype).reshape(header[name]["shape"])

    scaled = StandardScaler().fit_transform(tensor("features", "<f4"))
    labels = tensor("labels", "<i4")
    started = time.time()
    model = LogisticRegression(C=float(sys.argv[3])).fit(scaled, labels)
    print(json.dumps({
        "seconds": time.time() - started,
        "iterations": int(model.n_iter_[0]),
        "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }))
