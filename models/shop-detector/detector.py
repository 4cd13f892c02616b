# SPDX-License-Identifier: Apache-2.0
"""The network: a small feature pyramid with one head, about 0.1 M parameters, output as FastestDet has it."""

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEIGHT, STRIDE = 320, 192, 8
COLUMNS, ROWS = WIDTH // STRIDE, HEIGHT // STRIDE


def conv(inputs: int, outputs: int, stride: int = 1, size: int = 3, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def separable(inputs: int, outputs: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(conv(inputs, inputs, stride, size, groups=inputs), conv(inputs, outputs, size=1))


class Residual(nn.Module):
    def __init__(self, channels: int, size: int = 3):
        super().__init__()
        self.body = separable(channels, channels, size=size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class Detector(nn.Module):
    """[N, 3, 192, 320] BGR 0..1 -> [N, 6, 24, 40]: objectness, raw dx, dy, w, h, score of the class person.

    A decoder takes tanh of dx and dy (cells) and the sigmoid of w and h (shares of the picture). There is one class, so
    its plane repeats the objectness: FastestDet's score obj^0.6 * class^0.4 is then the objectness itself.
    """

    def __init__(self):
        super().__init__()
        self.quarter = nn.Sequential(conv(3, 16, 2), conv(16, 24, 2))
        self.eighth = nn.Sequential(separable(24, 48, 2), Residual(48), Residual(48))
        self.sixteenth = nn.Sequential(separable(48, 96, 2), Residual(96, 5), Residual(96, 5))
        self.last = nn.Sequential(separable(96, 128, 2), Residual(128, 5))
        self.from_last = conv(128, 96, size=1)
        self.merge_sixteenth = separable(96, 64, size=5)
        self.from_eighth = conv(48, 64, size=1)
        self.merge_eighth = nn.Sequential(separable(64, 64, size=5), Residual(64, 5))
        self.score = nn.Sequential(separable(64, 48), nn.Conv2d(48, 1, 1))
        self.box = nn.Sequential(separable(64, 48), nn.Conv2d(48, 4, 1))
        nn.init.constant_(self.score[1].bias, -4.0)
        nn.init.constant_(self.box[1].bias, 0.0)
        with torch.no_grad():
            self.box[1].bias[2:] = torch.tensor([-2.5, -1.0])

    def raw(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        eighth = self.eighth(self.quarter(x))
        sixteenth = self.sixteenth(eighth)
        top = F.interpolate(self.from_last(self.last(sixteenth)), scale_factor=2.0, mode="nearest")
        middle = self.merge_sixteenth(sixteenth + top)
        fine = self.from_eighth(eighth) + F.interpolate(middle, scale_factor=2.0, mode="nearest")
        features = self.merge_eighth(fine)
        return self.score(features), self.box(features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        score, box = self.raw(x)
        objectness = torch.sigmoid(score)
        return torch.cat([objectness, box, objectness], 1)


def boxes(box: torch.Tensor) -> torch.Tensor:
    """Raw planes [N, 4, R, C] -> corners [N, 4, R, C] in shares of the picture."""
    rows, columns = box.shape[2:]
    gx = torch.arange(columns, dtype=box.dtype)[None, None, :]
    gy = torch.arange(rows, dtype=box.dtype)[None, :, None]
    cx = (gx + torch.tanh(box[:, 0])) / columns
    cy = (gy + torch.tanh(box[:, 1])) / rows
    w, h = torch.sigmoid(box[:, 2]) / 2, torch.sigmoid(box[:, 3]) / 2
    return torch.stack([cx - w, cy - h, cx + w, cy + h], 1)
