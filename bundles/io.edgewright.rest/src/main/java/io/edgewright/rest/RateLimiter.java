// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.util.LinkedHashMap;
import java.util.Map;

/** Token buckets, one a caller: a second's worth may come at once. Thread-safe; remembers the last 4096 callers. */
final class RateLimiter {

    private static final int CALLERS = 4096;

    private static final class Bucket {
        double tokens;
        long nanos;
    }

    private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > CALLERS;
        }
    };

    /**
     * Takes one request of a caller.
     *
     * @param kind what sort of caller, so that a user has another name than an address or a token
     * @param name which of that kind
     * @param perSecond how many he may make; 0 for any number
     * @throws HttpProblem 429 if it is one too many
     */
    void take(String kind, String name, int perSecond) throws HttpProblem {
        if (perSecond == 0) {
            return;
        }
        if (!take(kind + " " + name, perSecond, System.nanoTime())) {
            throw new HttpProblem(429, "RATE_LIMITED", "more than " + perSecond + " requests a second; slow down", 1);
        }
    }

    synchronized boolean take(String caller, int perSecond, long now) {
        Bucket bucket = buckets.get(caller);
        if (bucket == null) {
            bucket = new Bucket();
            bucket.tokens = perSecond;
            bucket.nanos = now;
            buckets.put(caller, bucket);
        }
        bucket.tokens = Math.min(perSecond, bucket.tokens + (now - bucket.nanos) / 1e9 * perSecond);
        bucket.nanos = now;
        if (bucket.tokens < 1) {
            return false;
        }
        bucket.tokens--;
        return true;
    }
}
