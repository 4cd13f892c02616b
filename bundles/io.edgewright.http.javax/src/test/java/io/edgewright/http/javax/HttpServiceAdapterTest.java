// SPDX-License-Identifier: Apache-2.0
package io.edgewright.http.javax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.http.HttpDispatcher;
import io.edgewright.api.http.HttpExchange;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Map;
import javax.servlet.Servlet;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.service.http.HttpContext;
import org.osgi.service.http.HttpService;
import org.osgi.service.http.NamespaceException;

/** In a Jetty 9.4, as Kura 5 has it. */
final class HttpServiceAdapterTest {

    private final Map<String, Servlet> registered = new HashMap<>();
    private final Server server = new Server(0);
    private final HttpService http = new Registrations();

    @BeforeEach
    void register() {
        registered.put("/console", new DispatcherServlet(new Echo())); // somebody else's
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @Test
    void handsOverRequestsBelowItsPathsAsTheyAre() throws Exception {
        adapter();
        var context = new ServletContextHandler();
        registered.forEach((path, servlet) -> context.addServlet(new ServletHolder(servlet), path + "/*"));
        server.setHandler(context);
        server.start();
        var answer = send("PUT", "/v2/models/a%20b?file=x%2By&file=2&odd=%&form", "the body");
        assertThat(answer.statusCode()).isEqualTo(207);
        assertThat(answer.headers().firstValue("X-Answer")).contains("yes");
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
        assertThat(answer.body())
                .isEqualTo("PUT /v2/models/a b file=x+y odd=% form= none=- 127.0.0.1 false 8 the body");
        assertThat(send("GET", "/v2", "").body()).startsWith("GET /v2 ");
        assertThat(send("GET", "/else", "").statusCode()).isEqualTo(404);
    }

    @Test
    void leavesOutWhatSomebodyElseHasAndTakesBackOnlyItsOwn() {
        HttpServiceAdapter adapter = adapter();
        assertThat(registered).containsOnlyKeys("/v2", "/api/v1", "/metrics", "/console");
        adapter.stop();
        assertThat(registered).containsOnlyKeys("/console");
    }

    @Test
    void refusesPathsThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HttpServiceAdapter(
                        http,
                        new Echo(),
                        Configs.of(HttpServiceAdapter.Config.class, Map.of("paths", new String[] {"/v2", "/"}))))
                .withMessageContaining("'/'");
        assertThat(registered).containsOnlyKeys("/console");
    }

    private HttpServiceAdapter adapter() {
        return new HttpServiceAdapter(http, new Echo(), Configs.of(HttpServiceAdapter.Config.class, Map.of()));
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.getURI().getPort() + path.replace("odd=%", "odd=%25"));
        HttpRequest request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Tells what it was asked. */
    private static final class Echo implements HttpDispatcher {

        @Override
        public void dispatch(HttpExchange e) throws IOException {
            String text = "%s %s file=%s odd=%s form=%s none=%s %s %s %d %s"
                    .formatted(
                            e.method(),
                            e.path(),
                            e.query("file").orElse("-"),
                            e.query("odd").orElse("-"),
                            e.query("form").orElse("-"),
                            e.query("none").orElse("-"),
                            e.remoteAddress(),
                            e.secure(),
                            e.contentLength(),
                            new String(e.body().readAllBytes(), StandardCharsets.UTF_8));
            e.setHeader("X-Answer", "yes");
            e.respond(207, "text/plain", text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void dispatch(HttpExchange exchange, String user, String role) {
            throw new AssertionError("nobody is signed in to a container");
        }
    }

    /** A HttpService that only keeps what was registered. */
    private final class Registrations implements HttpService {

        @Override
        @SuppressWarnings("rawtypes")
        public void registerServlet(
                String alias, Servlet servlet, @Nullable Dictionary parameters, @Nullable HttpContext context)
                throws NamespaceException {
            if (registered.putIfAbsent(alias, servlet) != null) {
                throw new NamespaceException(alias + " is taken");
            }
        }

        @Override
        public void registerResources(String alias, String name, @Nullable HttpContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void unregister(String alias) {
            registered.remove(alias);
        }

        @Override
        public @Nullable HttpContext createDefaultHttpContext() {
            return null;
        }
    }
}
