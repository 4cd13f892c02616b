// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.it.kura.emulation.AiEmulation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.wire.WireRecord;
import org.osgi.framework.BundleContext;

/** AI components that never rest, each with a thread of its own. */
final class Load {

    final AtomicLong answers = new AtomicLong();
    final AtomicLong silences = new AtomicLong();
    final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private final BundleContext context;
    private final String target;
    private final WireRecord record;
    private final String model;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();

    Load(BundleContext context, String target, WireRecord record, String model) {
        this.context = context;
        this.target = target;
        this.record = record;
        this.model = model;
    }

    void start(int components) throws Exception {
        for (int i = 0; i < components; i++) {
            AiEmulation ai = new AiEmulation(context, target, model);
            Await.until("the engine", ai::update, ready -> ready);
            Thread thread = new Thread(() -> run(ai));
            threads.add(thread);
            thread.start();
        }
    }

    void stop() throws InterruptedException {
        stopped.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void run(AiEmulation ai) {
        try (ai) {
            while (!stopped.get()) {
                step(ai);
            }
        }
    }

    private void step(AiEmulation ai) {
        try {
            (ai.receive(record).isPresent() ? answers : silences).incrementAndGet();
        } catch (KuraException e) {
            // between its question whether the engine is ready and the next one the engine or the deployment may go
            if (e.getCode() != KuraErrorCode.SERVICE_UNAVAILABLE) {
                errors.add(String.valueOf(e));
            }
        } catch (RuntimeException | LinkageError e) {
            errors.add(String.valueOf(e));
        }
    }
}
