// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.it.kura.emulation.AiEmulation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Kura's AI components that go on while packages go and come. */
public final class WholeProbe {

    private WholeProbe() {}

    /**
     * Starts them, as bundles that outlive this one.
     *
     * @return how many answers they got so far; and what ends them and tells the errors that were not announced
     */
    public static Map.Entry<LongSupplier, Callable<List<String>>> startLoad(
            BundleContext context, Map<String, Object> record, String model) throws Exception {
        BundleContext kura = FrameworkUtil.getBundle(AiEmulation.class).getBundleContext();
        Load load = new Load(kura, EngineProbe.TARGET, Plain.record(record), model);
        load.start(2);
        return Map.entry(load.answers::get, () -> {
            load.stop();
            return List.copyOf(load.errors);
        });
    }
}
