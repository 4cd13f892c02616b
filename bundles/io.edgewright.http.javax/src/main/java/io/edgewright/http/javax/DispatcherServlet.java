// SPDX-License-Identifier: Apache-2.0
package io.edgewright.http.javax;

import io.edgewright.api.http.HttpDispatcher;
import java.io.IOException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Offers the paths below one alias to the dispatcher. */
final class DispatcherServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private final transient HttpDispatcher dispatcher;

    DispatcherServlet(HttpDispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        dispatcher.dispatch(new ServletExchange(request, response));
    }
}
