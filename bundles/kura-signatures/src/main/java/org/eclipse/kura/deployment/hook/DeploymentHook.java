// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.deployment.hook;

import java.util.Map;
import org.eclipse.kura.KuraException;
import org.osgi.annotation.versioning.ConsumerType;

/** Takes part in downloads and installations of DEPLOY-V2. */
@ConsumerType
public interface DeploymentHook {

    void preDownload(RequestContext context, Map<String, Object> properties) throws KuraException;

    void postDownload(RequestContext context, Map<String, Object> properties) throws KuraException;

    void postInstall(RequestContext context, Map<String, Object> properties) throws KuraException;
}
