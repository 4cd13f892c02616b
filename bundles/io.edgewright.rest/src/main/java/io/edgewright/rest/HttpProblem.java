// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

/** A request that is answered with an error: status, a stable reason and one line for people. */
final class HttpProblem extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String reason;
    private final int retryAfterSeconds;
    private final String allowed;

    HttpProblem(int status, String reason, String message) {
        this(status, reason, message, 0);
    }

    HttpProblem(int status, String reason, String message, int retryAfterSeconds) {
        this(status, reason, message, retryAfterSeconds, "");
    }

    private HttpProblem(int status, String reason, String message, int retryAfterSeconds, String allowed) {
        super(message, null, false, false); // an answer, not a fault of ours: no stack trace
        this.status = status;
        this.reason = reason;
        this.retryAfterSeconds = retryAfterSeconds;
        this.allowed = allowed;
    }

    /** @param allowed the methods that there are, by commas */
    static HttpProblem method(String path, String allowed, String found) {
        return new HttpProblem(405, "METHOD_NOT_ALLOWED", path + " takes " + allowed + ", not " + found, 0, allowed);
    }

    static HttpProblem bad(String message) {
        return new HttpProblem(400, "BAD_REQUEST", message);
    }

    static HttpProblem notFound(String message) {
        return new HttpProblem(404, "NOT_FOUND", message);
    }

    static HttpProblem absent(String service) {
        return new HttpProblem(503, "SERVICE_ABSENT", "no " + service + " is running on this gateway", 5);
    }

    static HttpProblem tooLarge(long limitBytes) {
        return new HttpProblem(
                413, "TOO_LARGE", "the request body is larger than the limit of " + limitBytes + " bytes");
    }

    static HttpProblem tooSlow(long bytes, long nanos) {
        return new HttpProblem(
                408,
                "TOO_SLOW",
                "only %d bytes of the body came in %d seconds".formatted(bytes, nanos / 1_000_000_000));
    }

    int status() {
        return status;
    }

    String reason() {
        return reason;
    }

    /** {@return when to try again, in seconds; 0 if that does not help} */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /** {@return the methods that there are, if this is about the method; else empty} */
    String allowed() {
        return allowed;
    }
}
