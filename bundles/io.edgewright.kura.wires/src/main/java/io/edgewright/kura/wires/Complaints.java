// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Logs trouble when it begins, changes and ends, not at every record. One thread at a time. */
final class Complaints {

    private final Logger log;
    private final String name;
    private @Nullable String kind;
    private long count;

    Complaints(Logger log, String name) {
        this.log = log;
        this.name = name;
    }

    /** Notes trouble of some kind; logs the first of it. */
    void trouble(String now, String message) {
        count++;
        if (!now.equals(kind)) {
            kind = now;
            // one complaint, one line: a record from outside must not look like a line of ours
            log.warn("{}: {}: {}", name, now, message.replaceAll("\\p{Cntrl}", "?"));
        }
    }

    /** Notes that all is well. */
    void well() {
        if (kind != null) {
            log.info("{}: works again after {} errors", name, count);
            kind = null;
            count = 0;
        }
    }
}
