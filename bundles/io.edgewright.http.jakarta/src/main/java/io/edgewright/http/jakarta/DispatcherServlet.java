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

/**
 * Offers every path of a servlet container to the dispatcher. Registered by the OSGi whiteboard for servlets 2.0; users,
 * rights and limits are the dispatcher's business.
 */
@Component(
        name = DispatcherServlet.PID,
        service = Servlet.class,
        property = {
            "osgi.http.whiteboard.servlet.pattern=/*",
            "osgi.http.whiteboard.servlet.name=edgewright",
            "kura.ui.service.hide:Boolean=true"
        })
public final class DispatcherServlet extends HttpServlet {

    static final String PID = "io.edgewright.http.jakarta";

    private static final long serialVersionUID = 1L;

    private final transient HttpDispatcher dispatcher;

    /**
     * Starts.
     *
     * @param dispatcher answers every request
     */
    @Activate
    public DispatcherServlet(@Reference HttpDispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        dispatcher.dispatch(new ServletExchange(request, response));
    }
}
