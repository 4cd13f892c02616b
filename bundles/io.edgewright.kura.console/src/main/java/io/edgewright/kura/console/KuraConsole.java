// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import io.edgewright.api.http.HttpDispatcher;
import java.util.Map;
import java.util.Set;
import javax.servlet.ServletException;
import org.eclipse.kura.web.api.ClientExtensionBundle;
import org.eclipse.kura.web.api.Console;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.http.HttpService;
import org.osgi.service.http.NamespaceException;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.useradmin.UserAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds "Edge AI" to the side navigation of Kura's console. */
@Component(
        name = KuraConsole.PID,
        service = {},
        immediate = true)
@Designate(ocd = KuraConsole.Config.class)
public final class KuraConsole implements ClientExtensionBundle {

    static final String PID = "io.edgewright.kura.console";

    /** Where the page and the API are for whoever is signed in; the script has it too. */
    static final String SERVLET = "/admin/edgewright";

    private static final String SCRIPTS = "/admin/edgewright-script";

    private static final Logger LOG = LoggerFactory.getLogger(KuraConsole.class);

    /** Where Kura keeps users and permissions; while it is absent, nobody may do anything. */
    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable UserAdmin users;

    private final Console console;
    private final HttpService http;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright in the console",
            description = "Who sees and changes what under Edge AI. Users with kura.admin may do everything.")
    @interface Config {

        @AttributeDefinition(
                name = "Operators",
                description = "The permission of Kura whose users may change models and deployments.")
        String operator_permission() default "kura.packages.admin";

        @AttributeDefinition(
                name = "Viewers",
                description = "The permission of Kura whose users may look at everything.")
        String viewer_permission() default "kura.device";
    }

    /**
     * Registers the page and the script.
     *
     * @param console Kura's
     * @param http serves the script, which is public
     * @param dispatcher answers the requests of the page
     * @param config the settings
     * @throws NamespaceException if somebody else has the paths
     * @throws ServletException never: the servlet starts
     */
    @Activate
    public KuraConsole(
            @Reference Console console,
            @Reference HttpService http,
            @Reference HttpDispatcher dispatcher,
            Config config)
            throws NamespaceException, ServletException {
        this.console = console;
        this.http = http;
        var permissions = new Permissions(
                checked("operator.permission", config.operator_permission()),
                checked("viewer.permission", config.viewer_permission()));
        http.registerResources(SCRIPTS, "/www", http.createDefaultHttpContext());
        try {
            console.registerSecuredServlet(
                    SERVLET, new SecuredServlet(console, dispatcher, user -> permissions.role(users, user)));
        } catch (NamespaceException | ServletException e) {
            http.unregister(SCRIPTS);
            throw e;
        }
        console.registerConsoleExtensionBundle(this);
    }

    /** Takes all back. */
    @Deactivate
    void stop() {
        console.unregisterConsoleExtensionBundle(this);
        http.unregister(SCRIPTS);
        try {
            console.unregisterServlet(SERVLET);
        } catch (NamespaceException | ServletException e) {
            LOG.warn("{} stays registered: {}", SERVLET, e.getMessage());
        }
    }

    @Override
    public Map<String, String> getProperties() {
        return Map.of();
    }

    @Override
    public String getEntryPointUrl() {
        return SCRIPTS + "/edge-ai.js";
    }

    @Override
    public Set<String> getProvidedAuthenticationMethods() {
        return Set.of();
    }

    private static String checked(String setting, String permission) {
        if (permission.isBlank()) {
            throw new IllegalArgumentException(
                    setting + " is blank, expected a permission such as kura.packages.admin");
        }
        return permission;
    }
}
