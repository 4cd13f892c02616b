// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import java.io.IOException;
import java.io.InputStream;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.servlet.Servlet;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.web.api.ClientExtensionBundle;
import org.eclipse.kura.web.api.Console;
import org.jspecify.annotations.Nullable;
import org.osgi.service.http.HttpContext;
import org.osgi.service.http.HttpService;

/**
 * What Kura's console does for an extension, in a Jetty 9.4 as Kura 5 has it: secured servlets answer 401 without a signed-in
 * session and send paths that end with a slash elsewhere; a wrong token ends the session; scripts are public.
 */
final class EmulatedConsole extends HttpServlet implements Console, HttpService {

    private static final long serialVersionUID = 1L;

    private static final String USER = "user";
    private static final String TOKEN = "a-token";

    final List<ClientExtensionBundle> extensions = new CopyOnWriteArrayList<>();
    private final transient Map<String, Servlet> secured = new ConcurrentHashMap<>();
    private final Map<String, String> resources = new ConcurrentHashMap<>();
    private final transient Server server = new Server(0);

    EmulatedConsole() throws Exception {
        var context = new ServletContextHandler(ServletContextHandler.SESSIONS);
        context.addServlet(new ServletHolder(this), "/*");
        server.setHandler(context);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getURI().getPort();
    }

    void close() throws Exception {
        server.stop();
    }

    /** {@return true if nothing of an extension is left} */
    boolean bare() {
        return extensions.isEmpty() && secured.isEmpty() && resources.isEmpty();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        String path = request.getRequestURI();
        if (path.equals("/login")) {
            request.getSession(true).setAttribute(USER, request.getParameter("user"));
            response.sendRedirect("/admin/console");
        } else if (path.equals("/admin/console")) {
            send(response, "text/html", "/console.html");
        } else if (path.equals("/admin/xsrf")) {
            response.getWriter().print(TOKEN);
        } else if (path.equals("/admin/extensions")) {
            response.getWriter().print(extensions.get(0).getEntryPointUrl());
        } else {
            serveRegistered(request, response, path);
        }
    }

    private void serveRegistered(HttpServletRequest request, HttpServletResponse response, String path)
            throws ServletException, IOException {
        Optional<Map.Entry<String, Servlet>> servlet = secured.entrySet().stream()
                .filter(s -> path.startsWith(s.getKey() + "/"))
                .findFirst();
        Optional<Map.Entry<String, String>> script = resources.entrySet().stream()
                .filter(r -> path.startsWith(r.getKey() + "/"))
                .findFirst();
        if (script.isPresent()) {
            send(
                    response,
                    "text/javascript",
                    script.get().getValue()
                            + path.substring(script.get().getKey().length()));
        } else if (servlet.isEmpty()) {
            response.sendError(404);
        } else if (getSession(request).isEmpty()) {
            response.sendError(401);
        } else if (path.endsWith("/")) {
            response.sendRedirect(path.substring(0, path.length() - 1));
        } else {
            String alias = servlet.get().getKey();
            servlet.get().getValue().service(new Below(request, alias), response);
        }
    }

    private Optional<HttpSession> getSession(HttpServletRequest request) {
        return Optional.ofNullable(request.getSession(false)).filter(s -> s.getAttribute(USER) != null);
    }

    private static void send(HttpServletResponse response, String type, String resource) throws IOException {
        try (InputStream in = EmulatedConsole.class.getResourceAsStream(resource)) {
            if (in == null) {
                response.sendError(404);
                return;
            }
            response.setContentType(type);
            in.transferTo(response.getOutputStream());
        }
    }

    @Override
    public void registerConsoleExtensionBundle(ClientExtensionBundle extension) {
        extensions.add(extension);
    }

    @Override
    public void unregisterConsoleExtensionBundle(ClientExtensionBundle extension) {
        extensions.remove(extension);
    }

    @Override
    public void registerSecuredServlet(String path, Servlet servlet) {
        secured.put(path, servlet);
    }

    @Override
    public void unregisterServlet(String path) {
        secured.remove(path);
    }

    @Override
    public Optional<String> getUsername(HttpSession session) {
        return Optional.ofNullable(session.getAttribute(USER)).map(String.class::cast);
    }

    @Override
    public void checkXSRFToken(HttpServletRequest request, String token) throws KuraException {
        if (!token.equals(TOKEN)) {
            request.getSession().invalidate();
            throw new KuraException(KuraErrorCode.SECURITY_EXCEPTION);
        }
    }

    @Override
    public void registerResources(String alias, String name, @Nullable HttpContext context) {
        resources.put(alias, name);
    }

    @Override
    public void unregister(String alias) {
        resources.remove(alias);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void registerServlet(
            String alias, Servlet servlet, @Nullable Dictionary parameters, @Nullable HttpContext context) {
        throw new UnsupportedOperationException("an extension registers its servlet with the console");
    }

    @Override
    public @Nullable HttpContext createDefaultHttpContext() {
        return null;
    }

    /** A request as a servlet registered below an alias sees it. */
    private static final class Below extends javax.servlet.http.HttpServletRequestWrapper {

        private final String alias;

        Below(HttpServletRequest request, String alias) {
            super(request);
            this.alias = alias;
        }

        @Override
        public String getServletPath() {
            return alias;
        }

        @Override
        public String getPathInfo() {
            return getRequestURI().substring(alias.length());
        }
    }
}
