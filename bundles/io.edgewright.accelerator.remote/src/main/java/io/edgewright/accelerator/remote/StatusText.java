// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

/** What an HTTP status other than 200 means here, and what to do about it. */
final class StatusText {

    private StatusText() {}

    static String of(Answer answer) {
        int status = answer.status();
        String said = status + ": " + answer.excerpt();
        if (status >= 300 && status < 400) {
            return status + ", a redirect to '" + answer.location().replaceAll("[^ -~]", "?")
                    + "', which is not followed; set url to where it leads";
        }
        return switch (status) {
            case 400 -> said;
            case 401 -> said + "; the server wants a token, or another one: set token";
            case 403 -> said + "; the token is not allowed to do this";
            case 404 -> said + "; check url, and that this is a server of the Open Inference Protocol v2";
            case 413 -> said + "; the server takes no request that long: raise its limit";
            case 429, 503 -> said + "; the server is busy or not ready";
            default -> said;
        };
    }
}
