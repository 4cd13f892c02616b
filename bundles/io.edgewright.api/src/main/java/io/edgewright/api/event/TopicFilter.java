// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.event;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Chooses events by their topics. {@code *} stands for any characters within one part of a topic, {@code **} for any number
 * of parts, as in {@code retail/*}{@code /visit} or {@code deployment/**}; a pattern that begins with {@code !} leaves events
 * out, whatever the others say. Immutable.
 */
public final class TopicFilter {

    private static final Pattern SYNTAX = Pattern.compile("!?[A-Za-z0-9._*-]+(/[A-Za-z0-9._*-]+)*");

    private final List<Pattern> wanted;
    private final List<Pattern> leftOut;

    private TopicFilter(List<Pattern> wanted, List<Pattern> leftOut) {
        this.wanted = wanted;
        this.leftOut = leftOut;
    }

    /**
     * {@return a filter}
     *
     * @param patterns as above; without any no event passes
     * @throws IllegalArgumentException if one of them is malformed; the message names it
     */
    public static TopicFilter of(Collection<String> patterns) {
        return new TopicFilter(
                patterns.stream()
                        .filter(p -> !p.startsWith("!"))
                        .map(TopicFilter::compile)
                        .toList(),
                patterns.stream()
                        .filter(p -> p.startsWith("!"))
                        .map(TopicFilter::compile)
                        .toList());
    }

    /**
     * {@return true if the event is wanted and not left out}
     *
     * @param event any
     */
    public boolean matches(Event event) {
        return matches(wanted, event.topic()) && !matches(leftOut, event.topic());
    }

    private static boolean matches(List<Pattern> patterns, String topic) {
        for (Pattern pattern : patterns) {
            if (pattern.matcher(topic).matches()) {
                return true;
            }
        }
        return false;
    }

    private static Pattern compile(String pattern) {
        if (!SYNTAX.matcher(pattern).matches()) {
            throw new IllegalArgumentException("topic '" + pattern + "' is malformed, expected parts separated by /,"
                    + " such as retail/*/visit or deployment/**");
        }
        String regex = (pattern.startsWith("!") ? pattern.substring(1) : pattern)
                .replace(".", "\\.")
                .replace("**", "\0")
                .replace("*", "[^/]*")
                .replace("\0", ".*");
        return Pattern.compile(regex);
    }
}
