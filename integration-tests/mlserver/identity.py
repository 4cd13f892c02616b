# SPDX-License-Identifier: Apache-2.0
"""A runtime for MLServer whose models answer their input `x` as `y`; with the parameter `seconds` they take that long."""
import asyncio

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class Identity(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        extra = getattr(self.settings.parameters, "extra", None) or {}
        await asyncio.sleep(extra.get("seconds", 0))
        x = payload.inputs[0]
        y = ResponseOutput(name="y", shape=x.shape, datatype=x.datatype, data=x.data)
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=[y])
