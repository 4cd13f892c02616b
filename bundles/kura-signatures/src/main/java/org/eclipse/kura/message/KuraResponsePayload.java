// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.message;

import org.osgi.annotation.versioning.ProviderType;

/** The answer to a request. */
@ProviderType
public class KuraResponsePayload extends KuraPayload {

    public KuraResponsePayload(int responseCode) {
        addMetric("response.code", responseCode);
    }

    public int getResponseCode() {
        return (Integer) getMetric("response.code");
    }

    public void setExceptionMessage(String message) {
        addMetric("response.exception.message", message);
    }
}
