// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.model.ModelException;

/** Which HTTP status says what the API's exceptions say. */
final class InferenceProblems {

    private InferenceProblems() {}

    static HttpProblem of(InferenceException e) {
        int status =
                switch (e.reason()) {
                    case INPUT_MISMATCH -> 400;
                    case EXECUTION_FAILED -> 422; // it is these inputs: sending them again is of no use
                    case DEADLINE_EXCEEDED -> 504;
                    case MODEL_INVALID, MODEL_UNSUPPORTED, DEVICE_UNAVAILABLE, QUEUE_FULL, NOT_READY -> 503;
                };
        return new HttpProblem(status, e.reason().name(), String.valueOf(e.getMessage()), status == 503 ? 1 : 0);
    }

    static HttpProblem of(ModelException e) {
        int status =
                switch (e.reason()) {
                    case NOT_FOUND -> 404;
                    case INVALID_MODEL, DIGEST_MISMATCH -> 400;
                    case ALREADY_EXISTS -> 409;
                    case TOO_LARGE -> 413;
                    case STORAGE -> 507;
                };
        return new HttpProblem(status, e.reason().name(), String.valueOf(e.getMessage()));
    }
}
