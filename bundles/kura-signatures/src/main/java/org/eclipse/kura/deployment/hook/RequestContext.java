// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.deployment.hook;

import org.osgi.annotation.versioning.ProviderType;

/** What is being deployed. */
@ProviderType
public class RequestContext {

    private final String downloadFilePath;
    private final String requestType;

    public RequestContext(String downloadFilePath, String requestType) {
        this.downloadFilePath = downloadFilePath;
        this.requestType = requestType;
    }

    public String getDownloadFilePath() {
        return downloadFilePath;
    }

    public String getRequestType() {
        return requestType;
    }
}
