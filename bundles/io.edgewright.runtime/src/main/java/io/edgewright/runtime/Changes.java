// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorListener;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.model.ModelStoreListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Component;

/**
 * What drivers and stores tell their changes to. It needs nothing itself: the runtime holds drivers and stores, so if they held
 * the runtime in turn, neither could be made first. Thread-safe.
 */
@Component(
        name = Changes.PID,
        service = {Changes.class, AcceleratorListener.class, ModelStoreListener.class},
        property = "kura.ui.service.hide=true")
public final class Changes implements AcceleratorListener, ModelStoreListener {

    static final String PID = "io.edgewright.runtime.changes";

    private final List<Core> cores = new CopyOnWriteArrayList<>();

    @Override
    public void acceleratorsChanged(AcceleratorDriver driver) {
        cores.forEach(core -> core.driverChanged(driver));
    }

    @Override
    public void modelsChanged(ModelStore store) {
        cores.forEach(Core::requestAll);
    }

    /** Told from now on. */
    void attach(Core core) {
        cores.add(core);
    }

    void detach(Core core) {
        cores.remove(core);
    }
}
