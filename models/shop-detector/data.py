# SPDX-License-Identifier: Apache-2.0
"""Reads what RenderDataset wrote; makes targets; varies pictures."""

import csv
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

from detector import COLUMNS, HEIGHT, ROWS, WIDTH

VISIBLE = 0.3  # who shows less than this is neither wanted nor an error


def load(folder: pathlib.Path) -> tuple[torch.Tensor, list[np.ndarray]]:
    """{pictures uint8 [N, 3, 192, 320] BGR, and for each an array of left, top, right, bottom (0..1), visible}"""
    width, height, count = map(int, (folder / "meta.txt").read_text().split())
    cache = folder / f"frames-{WIDTH}x{HEIGHT}.npy"
    if not cache.exists():
        raw = np.memmap(folder / "frames.bgr", np.uint8, "r", shape=(count, height, width, 3))
        small = np.empty((count, 3, HEIGHT, WIDTH), np.uint8)
        for i in range(count):
            picture = torch.from_numpy(raw[i].transpose(2, 0, 1).astype(np.float32))[None]
            small[i] = F.interpolate(picture, (HEIGHT, WIDTH), mode="bilinear")[0].round().byte().numpy()
        np.save(cache, small)
    labels: list[list[list[float]]] = [[] for _ in range(count)]
    with open(folder / "boxes.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            box = [float(row[key]) for key in ("left", "top", "right", "bottom", "visible")]
            scaled = [box[0] / width, box[1] / height, box[2] / width, box[3] / height, box[4]]
            labels[int(row["frame"])].append(scaled)
    return torch.from_numpy(np.load(cache)), [np.array(each, np.float32).reshape(-1, 5) for each in labels]


def targets(labels: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """{heat [N, R, C] with 1 at each centre, box [N, 4, R, C] corners, weight [N, 2, R, C] of score and of box}"""
    n = len(labels)
    heat = np.zeros((n, ROWS, COLUMNS), np.float32)
    box = np.zeros((n, 4, ROWS, COLUMNS), np.float32)
    weight = np.zeros((n, 2, ROWS, COLUMNS), np.float32)
    weight[:, 0] = 1
    gy, gx = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)
    for i, people in enumerate(labels):
        best = np.zeros((ROWS, COLUMNS), np.float32)
        for left, top, right, bottom, visible in people[np.argsort(people[:, 3])]:
            cx, cy = (left + right) / 2 * COLUMNS, (top + bottom) / 2 * ROWS
            w, h = (right - left) * COLUMNS, (bottom - top) * ROWS
            dx, dy = gx - min(round(cx), COLUMNS - 1), gy - min(round(cy), ROWS - 1)
            spot = np.exp(-0.5 * ((dx / max(0.6, w / 6)) ** 2 + (dy / max(0.6, h / 6)) ** 2))
            if visible < VISIBLE:
                weight[i, 0][spot > 0.2] = 0
                continue
            heat[i] = np.maximum(heat[i], spot)
            near = (np.abs(gx - cx) < 1) & (np.abs(gy - cy) < 1) & (spot >= best)
            best[near] = spot[near]
            box[i][:, near] = np.array([left, top, right, bottom], np.float32)[:, None]
            weight[i, 1][near] = spot[near]
        weight[i, 0][heat[i] == 1] = 1
    return torch.from_numpy(heat), torch.from_numpy(box), torch.from_numpy(weight)


def mirror(pictures: torch.Tensor, labels: list[np.ndarray], random: np.random.Generator):
    for i in np.flatnonzero(random.random(len(labels)) < 0.5):
        pictures[i] = pictures[i].flip(2)
        flipped = labels[i].copy()
        flipped[:, [0, 2]] = 1 - labels[i][:, [2, 0]]
        labels[i] = flipped
    return pictures, labels


def vary(pictures: torch.Tensor, labels: list[np.ndarray], random: np.random.Generator):
    """Zoom, shift, exposure, colour cast, contrast, blur and noise."""
    n = len(labels)
    zoom = torch.from_numpy(np.exp(random.uniform(-0.22, 0.3, n)).astype(np.float32))
    stretch = torch.from_numpy(np.exp(random.uniform(-0.1, 0.1, n)).astype(np.float32))
    shift = torch.from_numpy(random.uniform(-0.2, 0.2, (n, 2)).astype(np.float32))
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = 1 / (zoom * stretch), 1 / zoom
    theta[:, :, 2] = shift
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    pictures = F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
    moved = []
    for i, people in enumerate(labels):
        people = people.copy()
        sx, sy = float(zoom[i] * stretch[i]), float(zoom[i])
        people[:, [0, 2]] = ((people[:, [0, 2]] * 2 - 1) - float(shift[i, 0])) * sx / 2 + 0.5
        people[:, [1, 3]] = ((people[:, [1, 3]] * 2 - 1) - float(shift[i, 1])) * sy / 2 + 0.5
        area = (people[:, 2] - people[:, 0]) * (people[:, 3] - people[:, 1])
        people[:, :4] = people[:, :4].clip(0, 1)
        left = (people[:, 2] - people[:, 0]) * (people[:, 3] - people[:, 1])
        people[:, 4] *= np.where(left < 0.35 * area, 0, 1)
        moved.append(people[left > 0.0002])
    gain = torch.from_numpy(random.uniform(0.6, 1.35, (n, 1, 1, 1)).astype(np.float32))
    cast = torch.from_numpy(random.uniform(0.88, 1.12, (n, 3, 1, 1)).astype(np.float32))
    gamma = torch.from_numpy(random.uniform(0.75, 1.35, (n, 1, 1, 1)).astype(np.float32))
    pictures = (pictures * gain * cast).clamp(0, 1) ** gamma
    for i in np.flatnonzero(random.random(n) < 0.2):
        pictures[i] = F.avg_pool2d(pictures[i : i + 1], 3, 1, 1)[0]
    return (pictures + torch.randn(pictures.shape) * 0.015).clamp(0, 1), moved
