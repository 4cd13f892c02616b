// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.testkit.Configs;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes drivers and waits for them. */
final class Drivers {

    static final LoadOptions TRUSTED = new LoadOptions(Goal.THROUGHPUT, 0, true, Map.of());

    private Drivers() {}

    /** A driver that tries its library and reports on models in processes of their own. */
    static PluginDriver start(Path home, Path library, Map<String, Object> settings, Isolation isolation)
            throws InterruptedException {
        Map<String, Object> all = new HashMap<>();
        all.put("library", library.toString());
        all.put("home", home.toString());
        all.putAll(settings);
        var driver = new PluginDriver(Configs.of(PluginDriver.Config.class, all), List.of(isolation));
        driver.awaitReady();
        return driver;
    }

    /** A driver that loads its library here, at once. */
    static PluginDriver start(Path home, Path library, Map<String, Object> settings) throws InterruptedException {
        Map<String, Object> all = new HashMap<>();
        all.put("isolation", "never");
        all.put("library", library.toString());
        all.put("home", home.toString());
        all.putAll(settings);
        var driver = new PluginDriver(Configs.of(PluginDriver.Config.class, all), List.of());
        driver.awaitReady();
        return driver;
    }
}
