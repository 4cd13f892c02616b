// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.cloudconnection.publisher;

import org.osgi.annotation.versioning.ProviderType;

/** Sends notifications to whoever made a request. */
@ProviderType
public interface CloudNotificationPublisher extends CloudPublisher {}
