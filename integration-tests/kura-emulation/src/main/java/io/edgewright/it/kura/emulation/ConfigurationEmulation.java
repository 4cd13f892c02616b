// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.configuration.ComponentConfiguration;
import org.eclipse.kura.configuration.ConfigurableComponent;
import org.eclipse.kura.configuration.ConfigurationService;
import org.eclipse.kura.configuration.Password;
import org.eclipse.kura.crypto.CryptoService;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;
import org.osgi.util.tracker.BundleTracker;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Keeps configurations as Kura's ConfigurationService does, as far as bundles can tell: seeds singletons of active bundles
 * with their defaults, tracks what has a marker or was created here, checks nothing, skips without a word what it does not
 * track, encrypts passwords in updates, and starts from its last snapshot. The framework property {@code kura.snapshots}
 * names the folder.
 */
@Component(
        name = "kura.emulation.configuration",
        immediate = true,
        service = {ConfigurationService.class, ConfigurationEmulation.class})
public final class ConfigurationEmulation implements ConfigurationService {

    private final BundleContext context;
    private final ConfigurationAdmin admin;
    private final MetaTypeService types;
    private final CryptoService crypto;
    private final Snapshots snapshots;

    private final Map<String, ObjectClassDefinition> forms = new HashMap<>();
    private final Map<String, Bundle> factories = new HashMap<>();
    private final Map<String, String> servicePids = new HashMap<>();
    private final Map<String, String> factoryPids = new HashMap<>();
    private final Map<String, ServiceReference<?>> markers = new HashMap<>();
    private final Set<String> deleted = new HashSet<>();
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    private final BundleTracker<Bundle> bundles;
    private final ServiceTracker<ConfigurableComponent, ConfigurableComponent> components;

    @Activate
    public ConfigurationEmulation(
            BundleContext context,
            @Reference ConfigurationAdmin admin,
            @Reference MetaTypeService types,
            @Reference CryptoService crypto)
            throws IOException, KuraException {
        this.context = context;
        this.admin = admin;
        this.types = types;
        this.crypto = crypto;
        this.snapshots = new Snapshots(Path.of(context.getProperty("kura.snapshots"), "snapshot.bin"));
        restore();
        this.bundles = new Forms();
        this.components = new Markers();
        bundles.open();
        components.open(true);
    }

    @Deactivate
    void stop() {
        components.close();
        bundles.close();
    }

    /** {@return what the console would list in its navigation, by name; an entry that shows twice is twice in it} */
    public List<String> console() throws InvalidSyntaxException {
        List<String> names = new ArrayList<>();
        for (ServiceReference<?> reference : context.getAllServiceReferences(null, "(" + KURA_SERVICE_PID + "=*)")) {
            if (reference.getProperty("kura.ui.service.hide") == null) {
                names.add(String.valueOf(reference.getProperty(KURA_SERVICE_PID)));
            }
        }
        Collections.sort(names);
        return names;
    }

    /** {@return what Kura would have logged as an error} */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    public synchronized Set<String> factories() {
        return new TreeSet<>(factories.keySet());
    }

    @Override
    public synchronized Set<String> getConfigurableComponentPids() {
        return new TreeSet<>(servicePids.keySet());
    }

    @Override
    public synchronized ComponentConfiguration getDefaultComponentConfiguration(String pid) throws KuraException {
        ObjectClassDefinition form = formOf(pid);
        if (form == null) {
            throw new KuraException(KuraErrorCode.CONFIGURATION_ERROR, pid);
        }
        Map<String, Object> defaults = Defaults.of(form);
        return new ComponentConfiguration() {
            @Override
            public String getPid() {
                return pid;
            }

            @Override
            public Map<String, Object> getConfigurationProperties() {
                return defaults;
            }
        };
    }

    @Override
    public synchronized void createFactoryConfiguration(
            String factoryPid, String pid, Map<String, Object> properties, boolean takeSnapshot) throws KuraException {
        if (servicePids.containsKey(pid)) {
            throw new KuraException(KuraErrorCode.INVALID_PARAMETER, "pid " + pid + " already exists");
        }
        try {
            Configuration configuration = admin.createFactoryConfiguration(factoryPid, "?");
            Map<String, Object> merged = new HashMap<>(properties);
            ObjectClassDefinition form = forms.get(factoryPid);
            if (form != null) {
                Defaults.of(form).forEach(merged::putIfAbsent);
            }
            merged.put(KURA_SERVICE_PID, pid);
            configuration.update(dictionary(merged));
            servicePids.put(pid, configuration.getPid());
            factoryPids.put(pid, factoryPid);
            deleted.remove(pid);
            if (takeSnapshot) {
                snapshot();
            }
        } catch (IOException e) {
            throw new KuraException(KuraErrorCode.CONFIGURATION_ERROR, e, factoryPid);
        }
    }

    @Override
    public synchronized void deleteFactoryConfiguration(String pid, boolean takeSnapshot) throws KuraException {
        try {
            for (Configuration configuration : list("(" + KURA_SERVICE_PID + "=" + pid + ")")) {
                if (configuration.getFactoryPid() != null) {
                    configuration.delete();
                    untrack(pid);
                    deleted.add(pid);
                }
            }
            if (takeSnapshot) {
                snapshot();
            }
        } catch (IOException e) {
            throw new KuraException(KuraErrorCode.CONFIGURATION_ERROR, e, pid);
        }
    }

    @Override
    public synchronized void updateConfiguration(String pid, Map<String, Object> properties, boolean takeSnapshot)
            throws KuraException {
        for (Map.Entry<String, Object> entry : properties.entrySet()) {
            if (entry.getValue() instanceof Password password) {
                entry.setValue(encrypted(password));
            }
        }
        if (!servicePids.containsKey(pid) || formOf(pid) == null) {
            complaints.add("ignored an update of " + pid + ", which is not tracked");
            return;
        }
        try {
            Configuration configuration = admin.getConfiguration(servicePids.get(pid), "?");
            Map<String, Object> merged = Defaults.of(formOf(pid));
            merged.putAll(map(configuration.getProperties()));
            merged.putAll(properties);
            configuration.update(dictionary(merged));
            if (takeSnapshot) {
                snapshot();
            }
        } catch (IOException e) {
            throw new KuraException(KuraErrorCode.CONFIGURATION_UPDATE, e, pid);
        }
    }

    private Password encrypted(Password password) throws KuraException {
        try {
            crypto.decryptAes(password.getPassword());
            return password;
        } catch (KuraException e) {
            return new Password(crypto.encryptAes(password.getPassword()));
        }
    }

    /** Instances get another service.pid than the last time. */
    private void restore() throws IOException, KuraException {
        for (var entry : snapshots.load().entrySet()) {
            HashMap<String, Object> properties = entry.getValue();
            Object factoryPid = properties.remove(ConfigurationAdmin.SERVICE_FACTORYPID);
            if (factoryPid != null) {
                createFactoryConfiguration(factoryPid.toString(), entry.getKey(), properties, false);
            } else {
                properties.put(KURA_SERVICE_PID, entry.getKey());
                admin.getConfiguration(entry.getKey(), "?").update(dictionary(properties));
            }
        }
    }

    private void snapshot() throws IOException {
        Map<String, HashMap<String, Object>> snapshot = snapshots.load();
        for (var entry : servicePids.entrySet()) {
            Dictionary<String, Object> properties =
                    admin.getConfiguration(entry.getValue(), "?").getProperties();
            if (properties != null) {
                snapshot.put(entry.getKey(), map(properties));
            }
        }
        snapshot.keySet().removeAll(deleted);
        deleted.clear();
        snapshots.save(snapshot);
    }

    private ObjectClassDefinition formOf(String pid) {
        return forms.getOrDefault(factoryPids.getOrDefault(pid, pid), forms.get(pid));
    }

    private void seed(String servicePid, String pid, ObjectClassDefinition form) throws IOException {
        Configuration configuration = admin.getConfiguration(servicePid, "?");
        Map<String, Object> merged = map(configuration.getProperties());
        merged.putIfAbsent(KURA_SERVICE_PID, pid);
        Defaults.of(form).forEach(merged::putIfAbsent);
        configuration.update(dictionary(merged));
    }

    private void untrack(String pid) {
        servicePids.remove(pid);
        factoryPids.remove(pid);
        markers.remove(pid);
    }

    private List<Configuration> list(String filter) throws IOException {
        try {
            Configuration[] found = admin.listConfigurations(filter);
            return found == null ? List.of() : List.of(found);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(filter, e);
        }
    }

    private static HashMap<String, Object> map(Dictionary<String, Object> properties) {
        HashMap<String, Object> map = new HashMap<>();
        if (properties != null) {
            Collections.list(properties.keys()).forEach(key -> map.put(key, properties.get(key)));
        }
        map.remove(Constants.SERVICE_PID);
        return map;
    }

    private static Dictionary<String, Object> dictionary(Map<String, Object> map) {
        Hashtable<String, Object> dictionary = new Hashtable<>();
        map.forEach(
                (key, value) -> dictionary.put(key, value instanceof Password p ? new String(p.getPassword()) : value));
        return dictionary;
    }

    /** Forms of active bundles, if they lie where Kura looks. */
    private final class Forms extends BundleTracker<Bundle> {

        Forms() {
            super(ConfigurationEmulation.this.context, Bundle.ACTIVE, null);
        }

        @Override
        public Bundle addingBundle(Bundle bundle, BundleEvent event) {
            MetaTypeInformation information = types.getMetaTypeInformation(bundle);
            if (information == null) {
                return null;
            }
            synchronized (ConfigurationEmulation.this) {
                Arrays.stream(information.getFactoryPids()).forEach(pid -> add(bundle, information, pid, true));
                Arrays.stream(information.getPids()).forEach(pid -> add(bundle, information, pid, false));
            }
            return bundle;
        }

        private void add(Bundle bundle, MetaTypeInformation information, String pid, boolean factory) {
            if (bundle.getEntry("OSGI-INF/metatype/" + pid + ".xml") == null) {
                return;
            }
            ObjectClassDefinition form = information.getObjectClassDefinition(pid, null);
            forms.put(pid, form);
            try {
                if (!factory) {
                    seed(pid, pid, form);
                    return;
                }
                factories.put(pid, bundle);
                for (String instance : List.copyOf(factoryPids.keySet())) {
                    if (pid.equals(factoryPids.get(instance))) {
                        seed(servicePids.get(instance), instance, form);
                    }
                }
            } catch (IOException e) {
                complaints.add("cannot seed " + pid + ": " + e);
            }
        }

        @Override
        public void removedBundle(Bundle bundle, BundleEvent event, Bundle tracked) {
            synchronized (ConfigurationEmulation.this) {
                factories.values().removeIf(bundle::equals);
            }
        }
    }

    /** Every service of the marker's class, whatever bundle it is from. */
    private final class Markers extends ServiceTracker<ConfigurableComponent, ConfigurableComponent> {

        Markers() {
            super(ConfigurationEmulation.this.context, ConfigurableComponent.class, null);
        }

        @Override
        public ConfigurableComponent addingService(ServiceReference<ConfigurableComponent> reference) {
            Object servicePid = reference.getProperty(Constants.SERVICE_PID);
            Object pid = reference.getProperty(KURA_SERVICE_PID);
            Object factoryPid = reference.getProperty(ConfigurationAdmin.SERVICE_FACTORYPID);
            synchronized (ConfigurationEmulation.this) {
                if (!(servicePid instanceof String) || !(pid instanceof String)) {
                    complaints.add(
                            "service.pid is " + servicePid + ", kura.service.pid is " + pid + " of " + reference);
                } else if (markers.putIfAbsent(pid.toString(), reference) != null) {
                    complaints.add("a second marker for " + pid); // some versions delete the configuration here
                } else {
                    servicePids.put(pid.toString(), servicePid.toString());
                    if (factoryPid != null) {
                        factoryPids.put(pid.toString(), factoryPid.toString());
                    }
                }
            }
            return super.addingService(reference);
        }

        @Override
        public void removedService(ServiceReference<ConfigurableComponent> reference, ConfigurableComponent service) {
            synchronized (ConfigurationEmulation.this) {
                String pid = String.valueOf(reference.getProperty(KURA_SERVICE_PID));
                if (Objects.equals(markers.get(pid), reference)) {
                    untrack(pid);
                }
            }
            super.removedService(reference, service);
        }
    }
}
