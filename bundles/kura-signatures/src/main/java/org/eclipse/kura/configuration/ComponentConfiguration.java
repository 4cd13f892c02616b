// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.configuration;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** One configuration, as Kura sees it. */
@ProviderType
public interface ComponentConfiguration {

    String getPid();

    Map<String, Object> getConfigurationProperties();
}
