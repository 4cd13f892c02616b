# SPDX-License-Identifier: Apache-2.0
"""Decodes as the gateway does and compares with the truth."""

import numpy as np
import torch

from data import VISIBLE
from detector import boxes

LEAST_SCORE, NMS, COUNT_SCORE = 0.05, 0.45, 0.4


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    common = np.prod((high - low).clip(0), 2)
    area = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])
    return common / (area(a)[:, None] + area(b)[None] - common + 1e-9)


def decode(output: torch.Tensor) -> list[np.ndarray]:
    """{for each picture: left, top, right, bottom, score, best first}"""
    corners = boxes(output[:, 1:5]).clamp(0, 1)
    found = []
    for score, box in zip(output[:, 0], corners):
        mask = score >= LEAST_SCORE
        rows = torch.cat([box[:, mask], score[mask][None]]).T.numpy()
        rows = rows[np.argsort(-rows[:, 4], kind="stable")]
        keep = []
        while len(rows):
            keep.append(rows[0])
            rows = rows[1:][iou(rows[:1], rows[1:])[0] <= NMS]
        found.append(np.array(keep, np.float32).reshape(-1, 5))
    return found


def evaluate(found: list[np.ndarray], truth: list[np.ndarray]) -> dict[str, float]:
    """{average precision at IoU 0.5 (all points), and errors of counting at score 0.4}"""
    scores, hits, people, errors, exact = [], [], 0, [], 0
    for detections, labels in zip(found, truth):
        wanted = labels[labels[:, 4] >= VISIBLE]
        hidden = labels[labels[:, 4] < VISIBLE]
        people += len(wanted)
        free = np.ones(len(wanted), bool)
        counted = 0
        overlap = iou(detections, wanted)
        excused = iou(detections, hidden).max(1, initial=0) >= 0.5
        for i, detection in enumerate(detections):
            choice = np.where(free, overlap[i], 0)
            best = int(choice.argmax()) if len(choice) else -1
            hit = best >= 0 and choice[best] >= 0.5
            if hit:
                free[best] = False
            if hit or not excused[i]:
                scores.append(detection[4])
                hits.append(hit)
                counted += detection[4] >= COUNT_SCORE
        errors.append(abs(counted - len(wanted)))
        exact += counted == len(wanted)
    order = np.argsort(-np.array(scores), kind="stable")
    positive = np.cumsum(np.array(hits)[order])
    precision = positive / np.arange(1, len(order) + 1)
    recall = positive / people
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    ap = float(np.sum(np.diff(np.concatenate([[0], recall])) * envelope))
    return {
        "map50": round(ap, 4),
        "count_error": round(float(np.mean(errors)), 4),
        "count_exact": round(exact / len(truth), 4),
        "pictures": len(truth),
        "people": people,
    }
