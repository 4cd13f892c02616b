// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.web.api;

import java.util.Optional;
import javax.servlet.Servlet;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpSession;
import org.eclipse.kura.KuraException;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.service.http.NamespaceException;

/** Kura's web console. */
@ProviderType
public interface Console {

    void registerConsoleExtensionBundle(ClientExtensionBundle extension);

    void unregisterConsoleExtensionBundle(ClientExtensionBundle extension);

    void registerSecuredServlet(String path, Servlet servlet) throws NamespaceException, ServletException;

    void unregisterServlet(String path) throws NamespaceException, ServletException;

    Optional<String> getUsername(HttpSession session);

    void checkXSRFToken(HttpServletRequest req, String token) throws KuraException;
}
