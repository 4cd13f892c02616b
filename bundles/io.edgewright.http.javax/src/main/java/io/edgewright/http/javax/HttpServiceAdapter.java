// SPDX-License-Identifier: Apache-2.0
package io.edgewright.http.javax;

import io.edgewright.api.http.HttpDispatcher;
import java.util.ArrayList;
import java.util.List;
import javax.servlet.ServletException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.http.HttpService;
import org.osgi.service.http.NamespaceException;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers the dispatcher with the container's HttpService; users, rights and limits are the dispatcher's business. */
@Component(
        name = HttpServiceAdapter.PID,
        service = {},
        immediate = true)
@Designate(ocd = HttpServiceAdapter.Config.class)
public final class HttpServiceAdapter {

    static final String PID = "io.edgewright.http.javax";

    private static final Logger LOG = LoggerFactory.getLogger(HttpServiceAdapter.class);

    private final HttpService http;
    private final List<String> registered = new ArrayList<>();

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright over HTTP",
            description =
                    "Which paths of this gateway's web server Edgewright answers, with users and tokens of its own.")
    @interface Config {

        @AttributeDefinition(
                name = "Paths",
                description =
                        "Such as /v2 for the Open Inference Protocol, /api/v1 for the management API and /metrics;"
                                + " one that somebody else has is left out.")
        String[] paths() default {"/v2", "/api/v1", "/metrics", "/console"};
    }

    /**
     * Registers.
     *
     * @param http the container
     * @param dispatcher answers every request
     * @param config the settings
     */
    @Activate
    public HttpServiceAdapter(@Reference HttpService http, @Reference HttpDispatcher dispatcher, Config config) {
        this.http = http;
        for (String path : config.paths()) {
            if (!path.matches("(/[A-Za-z0-9._-]+)+")) {
                throw new IllegalArgumentException("paths has '" + path + "', expected paths such as /api/v1");
            }
        }
        for (String path : config.paths()) {
            register(path, dispatcher);
        }
    }

    /** Takes the paths back. */
    @Deactivate
    void stop() {
        registered.forEach(http::unregister);
    }

    private void register(String path, HttpDispatcher dispatcher) {
        try {
            // one servlet for each: a HttpService takes none twice
            http.registerServlet(path, new DispatcherServlet(dispatcher), null, null);
            registered.add(path);
        } catch (NamespaceException e) {
            LOG.warn("{} is somebody else's: {}", path, e.getMessage());
        } catch (ServletException e) {
            throw new IllegalStateException("the servlet for " + path + " does not start", e);
        }
    }
}
