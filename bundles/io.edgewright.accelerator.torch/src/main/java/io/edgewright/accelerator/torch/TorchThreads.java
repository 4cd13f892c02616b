// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/**
 * How many threads a run uses. PyTorch's own (OpenMP) are a setting of the calling thread, so each run makes sure of its
 * number; OpenBLAS has one pool for the process, which more than one thread may use only where one session has all cores.
 */
final class TorchThreads {

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    /** Of the whole process, as the pools are. */
    private static final AtomicInteger SESSIONS = new AtomicInteger();

    private static final AtomicInteger BLAS = new AtomicInteger();

    private final int wanted;
    private final boolean latency;

    /** Counts a session; to be closed once. */
    TorchThreads(LoadOptions options) {
        this.wanted = options.threads();
        this.latency = options.goal() == Goal.LATENCY;
        SESSIONS.incrementAndGet();
    }

    /** {@return what the next run uses: what was asked for, else all cores for the goal latency while nothing else is loaded} */
    int perRun() {
        if (wanted > 0) {
            return wanted;
        }
        return latency && SESSIONS.get() == 1 ? CORES : 1;
    }

    /** {@return how many runs side by side the cores are good for} */
    int parallelism() {
        return Math.max(1, CORES / Math.max(1, wanted > 0 ? wanted : latency ? CORES : 1));
    }

    /** Before each run, on its thread. */
    void apply() {
        int threads = perRun();
        if (torch.get_num_threads() != threads) {
            torch.set_num_threads(threads);
        }
        int blas = SESSIONS.get() == 1 ? threads : 1;
        if (BLAS.get() != blas && BLAS.getAndSet(blas) != blas) {
            openblas_nolapack.blas_set_num_threads(blas);
        }
    }

    /** When the session is closed. */
    void release() {
        SESSIONS.decrementAndGet();
    }
}
