// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.cloudconnection.publisher;

import org.eclipse.kura.KuraException;
import org.eclipse.kura.cloudconnection.message.KuraMessage;
import org.osgi.annotation.versioning.ProviderType;

/** Sends messages over a cloud connection. */
@ProviderType
public interface CloudPublisher {

    String publish(KuraMessage message) throws KuraException;
}
