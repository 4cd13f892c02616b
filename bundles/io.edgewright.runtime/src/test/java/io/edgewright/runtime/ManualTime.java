// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A clock that stands still until it is moved. */
final class ManualTime implements Time {

    private record Alarm(long at, Runnable work) {}

    private final List<Alarm> alarms = new ArrayList<>();
    private long nanos;

    @Override
    public synchronized long nanos() {
        return nanos;
    }

    @Override
    public synchronized Instant now() {
        return Instant.EPOCH.plusNanos(nanos);
    }

    @Override
    public synchronized void later(Duration delay, Runnable work) {
        alarms.add(new Alarm(nanos + delay.toNanos(), work));
    }

    /** Moves on and does what is due by then. */
    void advance(Duration by) {
        List<Runnable> due = new ArrayList<>();
        synchronized (this) {
            nanos += by.toNanos();
            for (Iterator<Alarm> i = alarms.iterator(); i.hasNext(); ) {
                Alarm alarm = i.next();
                if (alarm.at() <= nanos) {
                    due.add(alarm.work());
                    i.remove();
                }
            }
        }
        due.forEach(Runnable::run);
    }
}
