// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The routes of the two APIs of this bundle: method and path template to action. Immutable after its making. */
final class Router {

    /** Answers a request. */
    @FunctionalInterface
    interface Action {
        void run(Call call) throws IOException, HttpProblem;
    }

    /** What kind of body a route takes, which says how long it may be. */
    enum Body {
        JSON,
        INFERENCE,
        UPLOAD
    }

    /** One method of one path; template segments in braces are parameters. */
    record Route(String method, String template, Role role, Body body, Action action) {}

    /** A route and the values of its parameters. */
    record Match(Route route, Map<String, String> parameters) {}

    private record Compiled(List<String> segments, Route route) {}

    private final List<Compiled> routes = new ArrayList<>();

    Router add(String method, String template, Role role, Action action) {
        return add(method, template, role, Body.JSON, action);
    }

    Router add(String method, String template, Role role, Body body, Action action) {
        routes.add(new Compiled(
                List.of(template.substring(1).split("/")), new Route(method, template, role, body, action)));
        return this;
    }

    List<Route> routes() {
        return routes.stream().map(Compiled::route).toList();
    }

    /**
     * {@return the route for a request}
     *
     * @throws HttpProblem 404 if no route has the path, 405 if one has it with another method
     */
    Match find(String method, String path) throws HttpProblem {
        String wanted = method.equals("HEAD") ? "GET" : method;
        String[] segments = path.substring(1).split("/", -1);
        var allowed = new TreeSet<String>();
        for (Compiled compiled : routes) {
            Optional<Map<String, String>> parameters = match(compiled.segments(), segments);
            if (parameters.isPresent()) {
                if (compiled.route().method().equals(wanted)) {
                    return new Match(compiled.route(), parameters.get());
                }
                allowed.add(compiled.route().method());
                if (compiled.route().method().equals("GET")) {
                    allowed.add("HEAD");
                }
            }
        }
        if (allowed.isEmpty()) {
            throw HttpProblem.notFound("there is nothing at " + path + "; /api/v1/openapi.json lists what there is");
        }
        throw HttpProblem.method(path, String.join(", ", allowed), method);
    }

    private static Optional<Map<String, String>> match(List<String> template, String[] segments) {
        if (template.size() != segments.length || !template.get(0).equals(segments[0])) {
            return Optional.empty();
        }
        for (int i = 0; i < segments.length; i++) {
            String part = template.get(i);
            boolean fits = part.startsWith("{") ? !segments[i].isEmpty() : part.equals(segments[i]);
            if (!fits) {
                return Optional.empty();
            }
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < segments.length; i++) {
            String part = template.get(i);
            if (part.startsWith("{")) {
                parameters.put(part.substring(1, part.length() - 1), segments[i]);
            }
        }
        return Optional.of(parameters);
    }
}
