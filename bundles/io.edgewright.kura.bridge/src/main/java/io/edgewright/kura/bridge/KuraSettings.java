// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import io.edgewright.api.config.SettingValues;
import io.edgewright.api.config.Settings;
import io.edgewright.kura.bridge.KuraConfigurations.Key;
import java.io.IOException;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.configuration.ConfigurationService;
import org.eclipse.kura.configuration.Password;
import org.eclipse.kura.crypto.CryptoService;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/**
 * Settings over Kura's ConfigurationService, which takes a snapshot with every change: that is what it starts from next
 * time. The PID of an entry is its {@code kura.service.pid}, which lasts; the one of ConfigurationAdmin does not.
 */
@Component(
        name = KuraSettings.NAME,
        service = Settings.class,
        property = {"kura.ui.service.hide=true", "service.ranking:Integer=100"})
public final class KuraSettings implements Settings {

    static final String NAME = "io.edgewright.kura.bridge.settings";

    private final ConfigurationService kura;
    private final CryptoService crypto;
    private final KuraConfigurations configurations;
    private final Forms forms;
    private final Object changing = new Object();

    /**
     * Called by Declarative Services.
     *
     * @param context knows the bundles
     * @param kura keeps the configurations
     * @param crypto has the key for passwords
     * @param admin where Kura puts the configurations
     * @param types knows the forms of the bundles
     */
    @Activate
    public KuraSettings(
            BundleContext context,
            @Reference ConfigurationService kura,
            @Reference CryptoService crypto,
            @Reference ConfigurationAdmin admin,
            @Reference MetaTypeService types) {
        this.kura = kura;
        this.crypto = crypto;
        this.configurations = new KuraConfigurations(admin);
        this.forms = new Forms(types, context);
    }

    @Override
    public List<Entry> list(String factoryPid) throws IOException {
        return configurations.all().stream()
                .filter(c -> Key.of(c).formPid().equals(factoryPid))
                .map(KuraSettings::entry)
                .sorted(Comparator.comparing(Entry::name))
                .toList();
    }

    @Override
    public Entry create(String factoryPid, String name, Map<String, Object> values) throws IOException {
        ObjectClassDefinition form = form(factoryPid);
        Map<String, Object> properties = checked(form, values);
        if (name.isEmpty()) {
            throw new IllegalArgumentException(
                    factoryPid + " is configured by Kura itself, expected to find its configuration and to update it");
        }
        SettingValues.checkName(name);
        synchronized (changing) {
            Optional<Configuration> twin = configurations.find(name);
            if (twin.isPresent()) {
                throw new IllegalArgumentException("name '" + name + "' is taken by a component of "
                        + Key.of(twin.get()).formPid() + ", expected one that no other component in Kura has");
            }
            change(() -> {
                Set<String> secrets = secrets(form);
                for (Map.Entry<String, Object> entry : properties.entrySet()) {
                    if (secrets.contains(entry.getKey())) { // Kura encrypts them in an update only
                        char[] clear = entry.getValue().toString().toCharArray();
                        entry.setValue(new String(crypto.encryptAes(clear)));
                    }
                }
                kura.createFactoryConfiguration(factoryPid, name, properties, true);
            });
            return configurations
                    .find(name)
                    .map(KuraSettings::entry)
                    .orElseThrow(() -> new IOException("Kura has created no configuration for '" + name + "'"));
        }
    }

    @Override
    public void update(String pid, Map<String, Object> values) throws IOException {
        synchronized (changing) {
            Configuration configuration = configurations
                    .find(pid)
                    .orElseThrow(() -> new IllegalArgumentException("there is no configuration '" + pid + "'"));
            ObjectClassDefinition form = form(Key.of(configuration).formPid());
            Map<String, Object> changes = checked(form, values);
            Dictionary<String, Object> present = configuration.getProperties();
            changes.entrySet().removeIf(e -> Objects.deepEquals(e.getValue(), present.get(e.getKey())));
            for (String secret : secrets(form)) {
                changes.computeIfPresent(secret, (key, value) -> new Password(value.toString()));
            }
            change(pid, () -> changes);
        }
    }

    @Override
    public void delete(String pid) throws IOException {
        synchronized (changing) {
            Optional<Configuration> configuration = configurations.find(pid);
            if (configuration.isEmpty()) {
                return;
            }
            if (Key.of(configuration.get()).factory()) {
                change(() -> kura.deleteFactoryConfiguration(pid, true));
            } else { // a singleton has a configuration as long as its bundle is there
                change(pid, () -> kura.getDefaultComponentConfiguration(pid).getConfigurationProperties());
            }
        }
    }

    /** Kura skips what it does not track, without a word, but writes it into the snapshot: so nothing is sent then. */
    private void change(String pid, Properties properties) throws IOException {
        if (!kura.getConfigurableComponentPids().contains(pid)) {
            throw new IOException("Kura does not manage '" + pid + "' at the moment; is its bundle active?");
        }
        change(() -> kura.updateConfiguration(pid, new HashMap<>(properties.get()), true));
    }

    private static void change(Change change) throws IOException {
        try {
            change.run();
        } catch (KuraException e) {
            throw new IOException("Kura has not stored the change: " + e.getMessage(), e);
        }
    }

    private ObjectClassDefinition form(String pid) throws IOException {
        return forms.find(pid).orElseThrow(() -> new IOException("no active bundle has a form for '" + pid + "'"));
    }

    private static Map<String, Object> checked(ObjectClassDefinition form, Map<String, Object> values) {
        Map<String, Object> properties = SettingValues.checked(values);
        List<String> problems = FormCheck.problems(form, properties);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        return properties;
    }

    private static Set<String> secrets(ObjectClassDefinition form) {
        return FormCheck.attributes(form).stream()
                .filter(a -> a.getType() == AttributeDefinition.PASSWORD)
                .map(AttributeDefinition::getID)
                .collect(Collectors.toSet());
    }

    private static Entry entry(Configuration configuration) {
        Key key = Key.of(configuration);
        return new Entry(
                key.kuraPid(),
                key.formPid(),
                key.factory() ? key.kuraPid() : "",
                KuraConfigurations.values(configuration));
    }

    /** Something that Kura can refuse. */
    @FunctionalInterface
    private interface Change {
        void run() throws KuraException;
    }

    /** Settings that Kura can refuse to tell. */
    @FunctionalInterface
    private interface Properties {
        Map<String, Object> get() throws KuraException;
    }
}
