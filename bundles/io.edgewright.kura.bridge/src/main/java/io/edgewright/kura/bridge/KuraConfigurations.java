// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import io.edgewright.api.config.SettingValues;
import java.io.IOException;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.kura.configuration.ConfigurationService;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Finds the configurations that Kura has handed to ConfigurationAdmin. */
final class KuraConfigurations {

    private final ConfigurationAdmin admin;

    KuraConfigurations(ConfigurationAdmin admin) {
        this.admin = admin;
    }

    /**
     * One configuration as it was when it was read.
     *
     * @param servicePid ConfigurationAdmin's name for it; of a factory instance another one at each start
     * @param kuraPid Kura's name for it, which lasts
     * @param formPid the factory's PID, or the singleton's
     * @param factory true for an instance of a factory
     */
    record Key(String servicePid, String kuraPid, String formPid, boolean factory) {

        static Key of(Configuration configuration) {
            String pid = configuration.getPid();
            String factoryPid = configuration.getFactoryPid();
            Object kuraPid = configuration.getProperties().get(ConfigurationService.KURA_SERVICE_PID);
            return new Key(pid, String.valueOf(kuraPid), factoryPid == null ? pid : factoryPid, factoryPid != null);
        }
    }

    /** {@return the settings without what belongs to their keeper; arrays are copies} */
    static Map<String, Object> values(Configuration configuration) {
        Map<String, Object> values = new HashMap<>();
        Dictionary<String, Object> properties = configuration.getProperties();
        for (var keys = properties.keys(); keys.hasMoreElements(); ) {
            String key = keys.nextElement();
            if (!SettingValues.isReserved(key)) {
                values.put(key, SettingValues.copy(properties.get(key)));
            }
        }
        return values;
    }

    Optional<Configuration> find(String kuraPid) throws IOException {
        return all().stream().filter(c -> Key.of(c).kuraPid().equals(kuraPid)).findFirst();
    }

    List<Configuration> all() throws IOException {
        try {
            Configuration[] found = admin.listConfigurations("(" + ConfigurationService.KURA_SERVICE_PID + "=*)");
            return found == null ? List.of() : List.of(found);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("a constant filter is not well-formed", e);
        }
    }
}
