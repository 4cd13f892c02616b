// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The query of an address, for servlet adapters: a container's own reader of parameters would read the body of a form. */
public final class QueryString {

    private QueryString() {}

    /**
     * {@return the first value of a parameter, decoded}
     *
     * @param query as sent, without the question mark; null if there is none, as servlet containers have it
     * @param name of the parameter
     */
    public static Optional<String> find(@Nullable String query, String name) {
        if (query == null) {
            return Optional.empty();
        }
        for (String pair : query.split("&")) {
            String[] parts = pair.split("=", 2);
            if (decode(parts[0]).equals(name)) {
                return Optional.of(parts.length == 2 ? decode(parts[1]) : "");
            }
        }
        return Optional.empty();
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a lone percent sign stands for itself
        }
    }
}
