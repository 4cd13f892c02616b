// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where a server is.
 *
 * @param secure true for https
 * @param host a name, or an address without brackets
 * @param port 1 to 65535
 * @param basePath what comes before {@code /v2}; empty, or begins with a slash and does not end with one
 */
record Endpoint(boolean secure, String host, int port, String basePath) {

    /**
     * {@return the parsed address}
     *
     * @throws IllegalArgumentException if it is no http or https address; the message says what one looks like
     */
    static Endpoint parse(String url) {
        URI uri;
        try {
            uri = new URI(url.strip());
        } catch (URISyntaxException e) {
            throw malformed(url, e.getReason());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if ((!scheme.equals("http") && !scheme.equals("https")) || host == null) {
            throw malformed(url, "it has no http or https, or no host");
        }
        if (uri.getRawUserInfo() != null) {
            throw malformed("(hidden)", "it holds a user; set token instead");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw malformed(url, "it has a query or a fragment");
        }
        boolean secure = scheme.equals("https");
        int port = uri.getPort() < 0 ? (secure ? 443 : 80) : uri.getPort();
        if (port < 1 || port > 65_535) {
            throw malformed(url, "its port is " + port);
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
        if (path.endsWith("/v2")) {
            path = path.substring(0, path.length() - 3);
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new Endpoint(secure, bare, port, path);
    }

    /** {@return host and port as in the header Host} */
    String authority() {
        String shown = host.contains(":") ? "[" + host + "]" : host;
        return port == (secure ? 443 : 80) ? shown : shown + ":" + port;
    }

    /** {@return true if it is plainly this machine} */
    boolean isLoopback() {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
    }

    /** {@return the address as a person would write it} */
    @Override
    public String toString() {
        return (secure ? "https://" : "http://") + authority() + basePath;
    }

    private static IllegalArgumentException malformed(String url, String why) {
        return new IllegalArgumentException(
                "url '" + url + "' is not like http://cluster.local:8000 or https://host/path: " + why);
    }
}
