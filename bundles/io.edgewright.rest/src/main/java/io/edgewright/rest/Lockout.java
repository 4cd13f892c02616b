// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows guessing down: after some wrong passwords the same address waits, twice as long each time, up to five minutes. An hour
 * without a wrong one, and all is forgotten. Thread-safe; remembers the last 4096 callers.
 */
final class Lockout {

    private static final int CALLERS = 4096;
    private static final long LONGEST_SECONDS = 300;
    private static final long MEMORY_NANOS = Duration.ofHours(1).toNanos();

    private static final class Record {
        int failures;
        long failedNanos;
        long untilNanos;
        boolean waiting;
    }

    private final int free;
    private final Map<String, Record> records = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Record> eldest) {
            return size() > CALLERS;
        }
    };

    /** @param free how many failures cost nothing */
    Lockout(int free) {
        this.free = free;
    }

    /** {@return how long this caller must wait, in seconds; 0 if he need not} */
    synchronized long waitSeconds(String caller, long now) {
        Record record = records.get(caller);
        if (record == null || !record.waiting || now - record.untilNanos >= 0) {
            return 0;
        }
        return Math.max(1, (record.untilNanos - now + 999_999_999) / 1_000_000_000);
    }

    synchronized void failed(String caller, long now) {
        Record record = records.computeIfAbsent(caller, c -> new Record());
        record.failures = record.failures > 0 && now - record.failedNanos < MEMORY_NANOS ? record.failures + 1 : 1;
        record.failedNanos = now;
        if (record.failures > free) {
            long seconds = Math.min(LONGEST_SECONDS, 1L << Math.min(20, record.failures - free - 1));
            record.waiting = true;
            record.untilNanos = now + seconds * 1_000_000_000;
        }
    }

    synchronized void succeeded(String caller) {
        records.remove(caller);
    }
}
