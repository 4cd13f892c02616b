// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.api.config.SecretDecoder;
import io.edgewright.api.config.Settings;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.it.kura.emulation.ConfigurationEmulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.eclipse.kura.configuration.ConfigurationService;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;

/** What the tests of the bridge ask inside the framework. */
public final class BridgeProbe {

    static final String SIM = "io.edgewright.accelerator.sim";
    static final String REMOTE = "io.edgewright.accelerator.remote";

    private BridgeProbe() {}

    /** Waits until the console lists exactly these, each once, and Kura has nothing to complain about. */
    public static void consoleLists(BundleContext context, String... names) throws Exception {
        ConfigurationEmulation kura = Await.service(context, ConfigurationEmulation.class);
        List<String> expected = new ArrayList<>(new TreeSet<>(List.of(names)));
        Await.until("the console to list " + expected, kura::console, expected::equals);
        Await.until("Kura to track " + expected, kura::getConfigurableComponentPids, p -> p.containsAll(expected));
        Await.equal(List.of(), kura.complaints());
    }

    /** {@return what Kura would have logged as an error} */
    public static List<String> complaints(BundleContext context) throws Exception {
        return Await.service(context, ConfigurationEmulation.class).complaints();
    }

    /** As the console does it: Kura creates the instance and fills in the defaults. */
    public static void createInConsole(BundleContext context, String factoryPid, String name) throws Exception {
        ConfigurationService kura = Await.service(context, ConfigurationService.class);
        kura.createFactoryConfiguration(factoryPid, name, Map.of(), true);
    }

    /** As a snapshot or the cloud does it: past the form. */
    public static void createPastTheForm(
            BundleContext context, String factoryPid, String name, Map<String, Object> values) throws Exception {
        Await.service(context, ConfigurationService.class).createFactoryConfiguration(factoryPid, name, values, true);
    }

    /** {@return what the gateway's health says of settings} */
    public static List<String> findings(BundleContext context) throws Exception {
        Await.service(context, HealthCheck.class);
        List<String> findings = new ArrayList<>();
        for (var reference : context.getServiceReferences(HealthCheck.class, null)) {
            HealthCheck check = context.getService(reference);
            if (check.name().equals("settings")) {
                check.check().forEach(f -> findings.add(f.subject() + ": " + f.message()));
            }
        }
        return findings;
    }

    public static void create(BundleContext context, String factoryPid, String name, Map<String, Object> values)
            throws Exception {
        Settings settings = Await.service(context, Settings.class);
        Settings.Entry entry = settings.create(factoryPid, name, values);
        Await.equal(name, entry.name());
        Await.equal(entry.pid(), settings.find(factoryPid, name).orElseThrow().pid());
    }

    /** {@return the message of the refusal} */
    public static String refusal(BundleContext context, String factoryPid, String name, Map<String, Object> values)
            throws Exception {
        Settings settings = Await.service(context, Settings.class);
        List<Settings.Entry> before = settings.list(factoryPid);
        try {
            if (before.stream().anyMatch(e -> e.name().equals(name))) {
                settings.update(settings.find(factoryPid, name).orElseThrow().pid(), values);
            } else {
                settings.create(factoryPid, name, values);
            }
        } catch (IllegalArgumentException | IOException e) {
            Await.equal(before.toString(), settings.list(factoryPid).toString());
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
        throw new AssertionError("it was taken");
    }

    /** Changes a configuration, as soon as Kura knows of it. */
    public static void update(BundleContext context, String pid, Map<String, Object> values) throws Exception {
        ConfigurationService kura = Await.service(context, ConfigurationService.class);
        Await.until("Kura to track " + pid, kura::getConfigurableComponentPids, pids -> pids.contains(pid));
        Await.service(context, Settings.class).update(pid, values);
    }

    public static void delete(BundleContext context, String pid) throws Exception {
        Await.service(context, Settings.class).delete(pid);
    }

    /** {@return a setting of an instance, as its component gets it} */
    public static Object value(BundleContext context, String factoryPid, String name, String key) throws Exception {
        Settings settings = Await.service(context, Settings.class);
        Settings.Entry entry = Await.until("'" + name + "'", () -> settings.find(factoryPid, name), e -> e.isPresent())
                .orElseThrow();
        return entry.values().get(key);
    }

    public static String decoded(BundleContext context, String secret) throws Exception {
        return Await.service(context, SecretDecoder.class).decode(secret);
    }

    /** {@return the service.pid that ConfigurationAdmin has given to an instance} */
    public static String servicePid(BundleContext context, String name) throws Exception {
        ConfigurationAdmin admin = Await.service(context, ConfigurationAdmin.class);
        return admin.listConfigurations("(kura.service.pid=" + name + ")")[0].getPid();
    }
}
