// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.configuration;

import java.util.Map;
import java.util.Set;
import org.eclipse.kura.KuraException;
import org.osgi.annotation.versioning.ProviderType;

/** Kura's configurations: it hands them to ConfigurationAdmin and keeps them in snapshots. */
@ProviderType
public interface ConfigurationService {

    String KURA_SERVICE_PID = "kura.service.pid";

    Set<String> getConfigurableComponentPids();

    ComponentConfiguration getDefaultComponentConfiguration(String pid) throws KuraException;

    void createFactoryConfiguration(String factoryPid, String pid, Map<String, Object> properties, boolean takeSnapshot)
            throws KuraException;

    void deleteFactoryConfiguration(String pid, boolean takeSnapshot) throws KuraException;

    void updateConfiguration(String pid, Map<String, Object> properties, boolean takeSnapshot) throws KuraException;
}
