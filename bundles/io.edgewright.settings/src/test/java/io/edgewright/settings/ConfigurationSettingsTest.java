// SPDX-License-Identifier: Apache-2.0
package io.edgewright.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.config.Settings;
import io.edgewright.api.config.Settings.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.felix.cm.PersistenceManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;

/** Runs over the real Felix ConfigAdmin, whose packages the framework takes from the test's class path. */
final class ConfigurationSettingsTest {

    private static final String FACTORY = "io.edgewright.deployment";

    @TempDir
    Path dir;

    private Framework framework;
    private Settings settings;

    @BeforeEach
    void start() throws Exception {
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        dir.resolve("cache").toString(),
                        Constants.FRAMEWORK_STORAGE_CLEAN,
                        Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT,
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        "org.osgi.service.cm;version=1.6.0,org.apache.felix.cm;version=1.2.0,"
                                + "org.apache.felix.cm.file;version=1.1.0",
                        "felix.cm.pm",
                        "edgewright"));
        framework.start();
        BundleContext context = framework.getBundleContext();
        context.registerService(
                PersistenceManager.class,
                new DurableConfigurations(new ConfigurationFolder(dir.resolve("config"))),
                new Hashtable<>(Map.of(PersistenceManager.PROPERTY_NAME, "edgewright")));
        String admin = org.apache.felix.cm.file.ConfigurationHandler.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString();
        Bundle bundle = context.installBundle(admin);
        bundle.start();
        var tracker =
                new ServiceTracker<ConfigurationAdmin, ConfigurationAdmin>(context, ConfigurationAdmin.class, null);
        tracker.open();
        settings = new ConfigurationSettings(tracker.waitForService(10_000));
    }

    @AfterEach
    void stop() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void findsWhatItCreated() throws IOException {
        Entry created = settings.create(FACTORY, "shelf", Map.of("model", "m", "instances", 2));

        assertThat(created.name()).isEqualTo("shelf");
        assertThat(created.factoryPid()).isEqualTo(FACTORY);
        assertThat(created.values()).isEqualTo(Map.of("model", "m", "instances", 2));
        assertThat(settings.list(FACTORY)).isEqualTo(List.of(created));
        assertThat(settings.find(FACTORY, "other")).isEmpty();
    }

    @Test
    void keepsASingletonApartFromItsFactoryInstances() throws IOException {
        settings.create("io.edgewright.rest", "", Map.of("a", 1));

        assertThat(settings.find("io.edgewright.rest", "")).get().satisfies(e -> {
            assertThat(e.pid()).isEqualTo("io.edgewright.rest");
            assertThat(e.values()).isEqualTo(Map.of("a", 1));
        });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.create("io.edgewright.rest", "", Map.of()))
                .withMessageContaining("configured already");
    }

    @Test
    void updatesSomeValuesAndLeavesTheOthers() throws IOException {
        String pid = settings.create(FACTORY, "shelf", Map.of("model", "m", "instances", 2))
                .pid();

        settings.update(pid, Map.of("instances", 3, "accelerators", new String[] {"cpu"}));

        Map<String, Object> values =
                settings.find(FACTORY, "shelf").orElseThrow().values();
        assertThat(values).containsEntry("model", "m").containsEntry("instances", 3);
        assertThat(values.get("accelerators")).isEqualTo(new String[] {"cpu"});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.update("nobody", Map.of("a", 1)))
                .withMessageContaining("nobody");
    }

    @Test
    void deletesAndDeletesAgain() throws IOException {
        String pid = settings.create(FACTORY, "shelf", Map.of()).pid();

        settings.delete(pid);
        settings.delete(pid);

        assertThat(settings.list(FACTORY)).isEmpty();
        assertThat(new ConfigurationFolder(dir.resolve("config")).exists(pid)).isFalse();
    }

    @Test
    void isOnDiskWhenTheCallReturns() throws IOException {
        String pid = settings.create(FACTORY, "shelf", Map.of("model", "m")).pid();
        settings.update(pid, Map.of("model", "n"));

        assertThat(new ConfigurationFolder(dir.resolve("config")).load(pid).get("model"))
                .isEqualTo("n");
    }

    @Test
    void refusesNamesKeysAndTypesThatAreNotAllowed() throws IOException {
        settings.create(FACTORY, "shelf", Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.create(FACTORY, "shelf", Map.of()))
                .withMessageContainingAll("shelf", "taken");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.create(FACTORY, "a/b", Map.of()))
                .withMessageContaining("a/b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.create(FACTORY, "x", Map.of("list", List.of("a"))))
                .withMessageContainingAll("list", "expected String");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.create(FACTORY, "x", Map.of("service.pid", "y")))
                .withMessageContaining("service.pid");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.create(FACTORY, "x", Map.of("name", "y", "NAME", "z")))
                .withMessageContaining("case");
        assertThat(settings.find(FACTORY, "x")).isEmpty();
    }

    @Test
    void doesNotShareArraysWithItsCallers() throws IOException {
        String[] given = {"cpu"};
        settings.create(FACTORY, "shelf", Map.of("accelerators", given));
        given[0] = "changed";

        String[] read = (String[])
                settings.find(FACTORY, "shelf").orElseThrow().values().get("accelerators");

        assertThat(read).containsExactly("cpu");
    }

    @Test
    void takesAFactoryPidWithFilterCharactersLiterally() throws IOException {
        settings.create(FACTORY, "shelf", Map.of());

        assertThat(settings.list("*")).isEmpty();
        assertThat(settings.list("io.edgewright.(deployment)")).isEmpty();
    }
}
