// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does work one by one, in order, on the threads of a shared pool. Thread-safe. */
final class Serial {

    private static final Logger LOG = LoggerFactory.getLogger(Serial.class);

    private final Executor executor;
    private final Deque<Runnable> waiting = new ArrayDeque<>(); // guarded by this
    private boolean running;

    Serial(Executor executor) {
        this.executor = executor;
    }

    void execute(Runnable work) {
        synchronized (this) {
            waiting.add(work);
            if (running) {
                return;
            }
            running = true;
        }
        submit();
    }

    private void submit() {
        boolean submitted = false;
        try {
            executor.execute(this::runOne);
            submitted = true;
        } catch (RejectedExecutionException e) {
            LOG.debug("the runtime is being stopped; work is left undone");
        } catch (OutOfMemoryError e) {
            LOG.error("no thread could be started; what is to be done waits until there is more to do", e);
        } finally {
            if (!submitted) {
                synchronized (this) {
                    running = false; // or nothing would be done any more
                }
            }
        }
    }

    private void runOne() {
        Runnable work;
        synchronized (this) {
            work = waiting.poll();
        }
        try {
            if (work != null) {
                work.run();
            }
        } finally { // an error must not block what comes after it
            boolean more;
            synchronized (this) {
                more = !waiting.isEmpty();
                running = more;
            }
            if (more) {
                submit();
            }
        }
    }
}
