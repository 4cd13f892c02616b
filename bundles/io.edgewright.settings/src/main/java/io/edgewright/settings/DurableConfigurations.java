// SPDX-License-Identifier: Apache-2.0
package io.edgewright.settings;

import io.edgewright.api.config.Home;
import io.edgewright.api.health.HealthCheck;
import java.io.IOException;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Enumeration;
import java.util.List;
import org.apache.felix.cm.PersistenceManager;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/**
 * Keeps the configurations of Felix ConfigAdmin below {@code <home>/config}. Felix's own file store deletes before it
 * renames and never forces, so that a kill at the wrong moment loses a configuration. Chosen by the framework property
 * {@code felix.cm.pm=edgewright}.
 */
@Component(
        name = DurableConfigurations.NAME,
        service = {PersistenceManager.class, HealthCheck.class},
        configurationPolicy = ConfigurationPolicy.IGNORE,
        property = {PersistenceManager.PROPERTY_NAME + "=edgewright", "kura.ui.service.hide=true"})
public final class DurableConfigurations implements PersistenceManager, HealthCheck {

    static final String NAME = "io.edgewright.settings.store";

    private final ConfigurationFolder folder;

    /**
     * Called by Declarative Services.
     *
     * @param context knows the framework property {@code edgewright.home}
     * @throws IOException if the folder cannot be made
     */
    @Activate
    public DurableConfigurations(BundleContext context) throws IOException {
        this(new ConfigurationFolder(
                Home.folder(orBlank(context.getProperty(Home.PROPERTY))).resolve("config")));
    }

    DurableConfigurations(ConfigurationFolder folder) {
        this.folder = folder;
    }

    @Override
    public boolean exists(String pid) {
        return folder.exists(pid);
    }

    @Override
    public Dictionary<String, Object> load(String pid) throws IOException {
        return folder.load(pid);
    }

    @Override
    public Enumeration<Dictionary<String, Object>> getDictionaries() throws IOException {
        return Collections.enumeration(folder.loadAll());
    }

    /** Felix declares it without element types; the keys are strings. */
    @Override
    @SuppressWarnings({"rawtypes", "unchecked"})
    public void store(String pid, Dictionary values) throws IOException {
        folder.store(pid, values);
    }

    @Override
    public void delete(String pid) throws IOException {
        folder.delete(pid);
    }

    @Override
    public String name() {
        return "configurations";
    }

    @Override
    public List<Finding> check() {
        return folder.leftOut().entrySet().stream()
                .map(file -> new Finding(
                        Severity.CRITICAL,
                        "configuration " + file.getKey(),
                        "it cannot be read and is left out: " + file.getValue(),
                        "set it again, or repair or delete the file and restart"))
                .toList();
    }

    private static String orBlank(@Nullable String value) {
        return value == null ? "" : value;
    }
}
