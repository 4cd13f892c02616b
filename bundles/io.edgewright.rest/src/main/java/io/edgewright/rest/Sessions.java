// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Logins of browsers; in memory only: a restart of this bundle ends them. Thread-safe. */
final class Sessions {

    private static final int MOST = 1000;
    private static final long LONGEST_NANOS = Duration.ofHours(12).toNanos();

    /** A login; {@code csrf} is the token that writes must carry. */
    record Session(String id, String user, String csrf, long createdNanos) {}

    private static final class Entry {
        final Session session;
        long usedNanos;

        Entry(Session session) {
            this.session = session;
            this.usedNanos = session.createdNanos();
        }
    }

    private final Secrets secrets;
    private final LongSupplier clock;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    Sessions(Secrets secrets, LongSupplier clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    synchronized Session open(String user) {
        if (entries.size() >= MOST) {
            Iterator<String> eldest = entries.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
        var session = new Session(secrets.token(), user, secrets.token(), clock.getAsLong());
        entries.put(session.id(), new Entry(session));
        return session;
    }

    synchronized Optional<Session> find(String id, Duration idle) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return Optional.empty();
        }
        long now = clock.getAsLong();
        boolean over = now - entry.usedNanos > idle.toNanos() || now - entry.session.createdNanos() > LONGEST_NANOS;
        if (over) {
            entries.remove(id);
            return Optional.empty();
        }
        entry.usedNanos = now;
        return Optional.of(entry.session);
    }

    synchronized void close(String id) {
        entries.remove(id);
    }

    /** Ends every login of a user but one. */
    synchronized void closeAll(String user, String exceptId) {
        entries.values()
                .removeIf(e -> e.session.user().equals(user) && !e.session.id().equals(exceptId));
    }
}
