// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

/** A request that is answered with an error: status, a stable reason and one line for people. */
final class HttpProblem extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String reason;
    private final int retryAfterSeconds;

    HttpProblem(int status, String reason, String message) {
        this(status, reason, message, 0);
    }

    HttpProblem(int status, String reason, String message, int retryAfterSeconds) {
        super(message, null, false, false); // an answer, not a fault of ours: no stack trace
        this.status = status;
        this.reason = reason;
        this.retryAfterSeconds = retryAfterSeconds;
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
}
