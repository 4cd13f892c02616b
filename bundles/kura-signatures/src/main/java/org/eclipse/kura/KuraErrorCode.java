// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura;

/** The reasons that we give or look for. Order and number differ from Kura's: never use ordinals. */
public enum KuraErrorCode {
    CONFIGURATION_ERROR,
    CONFIGURATION_UPDATE,
    CONFIGURATION_ATTRIBUTE_INVALID,
    INTERNAL_ERROR,
    SECURITY_EXCEPTION,
    NOT_CONNECTED,
    TIMED_OUT,
    CONNECTION_FAILED,
    STORE_ERROR,
    ENCODE_ERROR,
    DECODER_ERROR,
    OPERATION_NOT_SUPPORTED,
    INVALID_PARAMETER,
    BAD_REQUEST,
    NOT_FOUND,
    SERVICE_UNAVAILABLE,
    IO_ERROR
}
