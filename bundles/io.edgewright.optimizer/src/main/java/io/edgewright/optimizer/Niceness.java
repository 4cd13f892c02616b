// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the present thread, and those that it starts from now on, take only what time others leave. */
final class Niceness {

    private static final Logger LOG = LoggerFactory.getLogger(Niceness.class);

    /** On Linux a link such as {@code 4711/task/4712}: the last part names the thread (proc(5)). */
    private static final Path SELF = Path.of("/proc/thread-self");

    private Niceness() {}

    /** @param value 0 for as much as others, 19 for the least */
    static void lower(int value) {
        Thread.currentThread().setPriority(Thread.MIN_PRIORITY); // which the JVM ignores on Linux
        if (value == 0 || !Files.isSymbolicLink(SELF)) {
            return;
        }
        try {
            String thread = String.valueOf(Files.readSymbolicLink(SELF).getFileName());
            Process renice = new ProcessBuilder("renice", "-n", Integer.toString(value), "-p", thread)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int code = renice.waitFor();
            LOG.debug("thread {} has niceness {} (renice ended with {})", thread, value, code);
        } catch (IOException e) {
            LOG.info("optimizing has the same priority as serving, as renice is not there: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
