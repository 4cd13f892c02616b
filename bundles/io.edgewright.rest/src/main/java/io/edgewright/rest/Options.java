// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.time.Duration;
import java.util.List;

/**
 * The checked configuration.
 *
 * @param anonymousRole what callers may do who do not say who they are
 * @param sessionIdle after which an unused login ends
 * @param maxJsonBytes the longest body of a management request
 * @param maxInferenceBytes the longest body of an inference request, decompressed
 * @param maxUploadBytes the longest model upload
 * @param memoryBytes the most that bodies of running inference requests take together
 * @param requestsPerSecond of one user; 0 for no limit
 * @param anonymousRequestsPerSecond from one address without a user; 0 for no limit
 * @param eventClients how many may listen to events at once
 * @param allowedOrigins origins besides the gateway's own from which a browser may write
 */
record Options(
        Role anonymousRole,
        Duration sessionIdle,
        long maxJsonBytes,
        long maxInferenceBytes,
        long maxUploadBytes,
        long memoryBytes,
        int requestsPerSecond,
        int anonymousRequestsPerSecond,
        int eventClients,
        List<String> allowedOrigins) {

    private static final long MIB = 1024 * 1024;

    Options {
        allowedOrigins = List.copyOf(allowedOrigins);
    }

    static Options of(RestServer.Config config) {
        return new Options(
                Role.parse(config.anonymous_role()),
                Duration.ofMinutes(between("session.minutes", config.session_minutes(), 1, 10_080)),
                between("max.json.mib", config.max_json_mib(), 1, 64) * MIB,
                between("max.inference.mib", config.max_inference_mib(), 1, 1024) * MIB,
                between("max.upload.mib", config.max_upload_mib(), 1, 1_048_576) * MIB,
                between("memory.mib", config.memory_mib(), 1, 65_536) * MIB,
                between("requests.per.second", config.requests_per_second(), 0, 1_000_000),
                between("anonymous.requests.per.second", config.anonymous_requests_per_second(), 0, 1_000_000),
                between("event.clients", config.event_clients(), 0, 1000),
                List.of(config.allowed_origins()));
    }

    private static int between(String setting, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s is %d, expected %d to %d".formatted(setting, value, least, most));
        }
        return value;
    }
}
