// SPDX-License-Identifier: Apache-2.0
package io.edgewright.settings;

import io.edgewright.api.config.SettingValues;
import io.edgewright.api.config.Settings;
import java.io.IOException;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Settings in the gateway's ConfigurationAdmin. As durable as that is; with {@link DurableConfigurations} at once. */
@Component(name = ConfigurationSettings.PID, service = Settings.class, property = "kura.ui.service.hide=true")
public final class ConfigurationSettings implements Settings {

    static final String PID = "io.edgewright.settings";

    /** Bound to whichever bundle has the component, so that configurations may come before their bundle. */
    private static final String ANY_BUNDLE = "?";

    private final ConfigurationAdmin admin;
    private final Object changing = new Object();

    /**
     * Called by Declarative Services.
     *
     * @param admin keeps the configurations
     */
    @Activate
    public ConfigurationSettings(@Reference ConfigurationAdmin admin) {
        this.admin = admin;
    }

    @Override
    public List<Entry> list(String factoryPid) throws IOException {
        String value = escape(factoryPid);
        return query("(|(" + ConfigurationAdmin.SERVICE_FACTORYPID + "=" + value + ")(&(" + Constants.SERVICE_PID + "="
                        + value + ")(!(" + ConfigurationAdmin.SERVICE_FACTORYPID + "=*))))")
                .stream()
                .map(ConfigurationSettings::entry)
                .sorted(Comparator.comparing(Entry::name))
                .toList();
    }

    @Override
    public Entry create(String factoryPid, String name, Map<String, Object> values) throws IOException {
        if (factoryPid.isBlank()) {
            throw new IllegalArgumentException("the factory PID is blank, expected one like io.edgewright.deployment");
        }
        if (!name.isEmpty()) {
            SettingValues.checkName(name);
        }
        Dictionary<String, Object> properties = new Hashtable<>();
        SettingValues.checked(values).forEach(properties::put);
        synchronized (changing) {
            if (find(factoryPid, name).isPresent()) {
                throw new IllegalArgumentException(
                        name.isEmpty()
                                ? factoryPid + " is configured already, expected to find it unconfigured"
                                : "name '" + name + "' is taken by another instance of " + factoryPid);
            }
            Configuration created = name.isEmpty()
                    ? admin.getConfiguration(factoryPid, ANY_BUNDLE)
                    : admin.getFactoryConfiguration(factoryPid, name, ANY_BUNDLE);
            store(created, properties);
            return entry(created);
        }
    }

    @Override
    public void update(String pid, Map<String, Object> values) throws IOException {
        Map<String, Object> changes = SettingValues.checked(values);
        synchronized (changing) {
            Configuration configuration = byPid(pid)
                    .orElseThrow(() -> new IllegalArgumentException("there is no configuration '" + pid + "'"));
            Dictionary<String, Object> properties = configuration.getProperties();
            changes.forEach(properties::put);
            store(configuration, properties);
        }
    }

    @Override
    public void delete(String pid) throws IOException {
        synchronized (changing) {
            Optional<Configuration> configuration = byPid(pid);
            if (configuration.isPresent()) {
                configuration.get().delete();
            }
        }
    }

    /** Felix wraps what its store throws in other exceptions in some releases; callers get what the API promises. */
    private static void store(Configuration configuration, Dictionary<String, Object> properties) throws IOException {
        try {
            configuration.update(properties);
        } catch (IllegalStateException e) {
            throw new IOException("configuration '" + configuration + "' was deleted by somebody else meanwhile", e);
        }
    }

    private Optional<Configuration> byPid(String pid) throws IOException {
        return query("(" + Constants.SERVICE_PID + "=" + escape(pid) + ")").stream()
                .findFirst();
    }

    private List<Configuration> query(String filter) throws IOException {
        try {
            Configuration[] found = admin.listConfigurations(filter);
            return found == null ? List.of() : List.of(found);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("filter " + filter + " is not well-formed", e);
        }
    }

    private static Entry entry(Configuration configuration) {
        String pid = configuration.getPid();
        String factory = configuration.getFactoryPid();
        String name = "";
        if (factory != null) {
            name = pid.startsWith(factory + "~") ? pid.substring(factory.length() + 1) : pid;
        }
        Map<String, Object> values = new HashMap<>();
        Dictionary<String, Object> properties = configuration.getProperties();
        for (var keys = properties.keys(); keys.hasMoreElements(); ) {
            String key = keys.nextElement();
            if (!SettingValues.isReserved(key)) {
                values.put(key, SettingValues.copy(properties.get(key)));
            }
        }
        return new Entry(pid, factory == null ? pid : factory, name, values);
    }

    private static String escape(String value) {
        return value.replace("\\", "\\5c")
                .replace("*", "\\2a")
                .replace("(", "\\28")
                .replace(")", "\\29")
                .replace("\0", "\\00");
    }
}
