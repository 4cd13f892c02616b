// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.util.tracker.ServiceTracker;

/** Finds out where the HTTP service answers (Whiteboard for Servlets 2.0, attribute {@code osgi.http.endpoint}). */
final class HttpEndpoint {

    private static final String ENDPOINT = "osgi.http.endpoint";
    private static final String FILTER =
            "(&(objectClass=org.osgi.service.servlet.runtime.HttpServiceRuntime)(" + ENDPOINT + "=*))";

    /** As the HTTP service tells it: an IPv6 address has no brackets, or a zone that is no part of URLs. */
    private static final Pattern URL =
            Pattern.compile("(?<scheme>https?)://\\[?(?<host>[^/]+?)(%[^]/:]*)?]?(:(?<port>\\d+))?/?");

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private HttpEndpoint() {}

    /**
     * {@return the URL without a slash at its end; empty if none is expected}
     *
     * @param context the framework's
     * @param expected true if the HTTP service was started
     */
    static Optional<String> await(BundleContext context, boolean expected)
            throws InterruptedException, CommandException {
        if (!expected) {
            return Optional.empty();
        }
        try {
            var tracker = new ServiceTracker<Object, Object>(context, context.createFilter(FILTER), null);
            tracker.open();
            try {
                if (tracker.waitForService(LIMIT.toMillis()) == null) {
                    throw new CommandException(
                            Exit.NO_PORT, "the HTTP service did not open its port; see the log", null);
                }
                Object value = tracker.getServiceReference().getProperty(ENDPOINT);
                return Optional.of(choose(value instanceof String[] many ? List.of(many) : List.of(value.toString())));
            } finally {
                tracker.close();
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(FILTER + " is not well-formed", e);
        }
    }

    /** The local one if there are several, or one is on every address: the command line runs on the gateway. */
    static String choose(List<String> urls) {
        List<Matcher> all = urls.stream().map(HttpEndpoint::parse).toList();
        Matcher first = all.get(0);
        boolean severalAddresses =
                all.stream().map(url -> url.group("host")).distinct().count() > 1
                        || first.group("host").matches("[0:.]+");
        boolean version6 = all.stream().allMatch(url -> url.group("host").contains(":"));
        String host = severalAddresses ? version6 ? "::1" : "127.0.0.1" : first.group("host");
        return first.group("scheme") + "://" + (host.contains(":") ? "[" + host + "]" : host)
                + (first.group("port") == null ? "" : ":" + first.group("port"));
    }

    private static Matcher parse(String url) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalStateException("the HTTP service answers at '" + url + "', expected a URL with a host");
        }
        return matcher;
    }
}
