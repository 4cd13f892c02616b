// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.cloudconnection.request;

import java.util.Map;
import org.eclipse.kura.cloudconnection.publisher.CloudNotificationPublisher;
import org.osgi.annotation.versioning.ProviderType;

/** Where a request came from. */
@ProviderType
public class RequestHandlerContext {

    private final CloudNotificationPublisher notificationPublisher;
    private final Map<String, String> contextProperties;

    public RequestHandlerContext(
            CloudNotificationPublisher notificationPublisher, Map<String, String> contextProperties) {
        this.notificationPublisher = notificationPublisher;
        this.contextProperties = Map.copyOf(contextProperties);
    }

    public CloudNotificationPublisher getNotificationPublisher() {
        return notificationPublisher;
    }

    public Map<String, String> getContextProperties() {
        return contextProperties;
    }
}
