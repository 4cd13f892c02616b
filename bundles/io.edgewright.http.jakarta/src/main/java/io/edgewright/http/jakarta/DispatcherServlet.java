// SPDX-License-Identifier: Apache-2.0
package io.edgewright.http.jakarta;

import io.edgewright.api.http.HttpDispatcher;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Offers every path of a servlet container to the dispatcher. Registered by the OSGi whiteboard for servlets 2.0; users,
 * rights and limits are the dispatcher's business.
 */
@Component(
        name = DispatcherServlet.PID,
        service = Servlet.class,
        property = {"osgi.http.whiteboard.servlet.name=edgewright", "kura.ui.service.hide:Boolean=true"})
@Designate(ocd = DispatcherServlet.Config.class)
public final class DispatcherServlet extends HttpServlet {

    static final String PID = "io.edgewright.http.jakarta";

    private static final long serialVersionUID = 1L;

    private final transient HttpDispatcher dispatcher;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright over HTTP",
            description =
                    "Which paths of this gateway's web server Edgewright answers, with users and tokens of its own.")
    @interface Config {

        /** A property of the service: the whiteboard reads it. */
        @AttributeDefinition(
                name = "Paths",
                description = "All, or patterns such as /v2/*, /api/v1/* and /metrics where others answer paths, too.")
        String[] osgi_http_whiteboard_servlet_pattern() default {"/*"};
    }

    /**
     * Starts.
     *
     * @param dispatcher answers every request
     * @param config for the whiteboard
     */
    @Activate
    public DispatcherServlet(@Reference HttpDispatcher dispatcher, Config config) {
        this.dispatcher = dispatcher;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        dispatcher.dispatch(new ServletExchange(request, response));
    }
}
