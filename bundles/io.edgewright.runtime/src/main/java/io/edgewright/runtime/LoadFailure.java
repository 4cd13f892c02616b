// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;

/** Why a version could not be made ready. */
final class LoadFailure extends Exception {

    private static final long serialVersionUID = 1L;

    /** Whose fault it was. */
    enum Fault {
        /** The model: no device will take it. */
        MODEL,
        /** Model and device do not fit: the next device may take it. */
        COMBINATION,
        /** The device: it is to be left out for a while. */
        DEVICE,
        /** There is too little memory now. */
        MEMORY,
        /** Nobody's: something more urgent was to be done. */
        CALLED_OFF
    }

    private final Fault fault;

    LoadFailure(Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    LoadFailure(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    static LoadFailure of(InferenceException e) {
        Fault fault =
                switch (e.reason()) {
                    case MODEL_INVALID -> Fault.MODEL;
                    case DEVICE_UNAVAILABLE, DEADLINE_EXCEEDED -> Fault.DEVICE;
                    default -> Fault.COMBINATION;
                };
        String what = e.reason() == Reason.DEADLINE_EXCEEDED ? "a trial run was not done in time: " : "";
        return new LoadFailure(fault, what + e.getMessage(), e);
    }

    Fault fault() {
        return fault;
    }
}
