// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import io.edgewright.api.config.Home;
import io.edgewright.api.config.Settings;
import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.http.HttpDispatcher;
import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.HttpHandler;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.update.UpdateAgent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts together: the entrance, the two APIs, and the services behind them as they come and go. */
@Component(
        name = RestServer.PID,
        service = {HttpDispatcher.class, EventSink.class},
        immediate = true,
        property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = RestServer.Config.class)
public final class RestServer implements HttpDispatcher, EventSink, Backend {

    static final String PID = "io.edgewright.rest";

    private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable Deployments deployments;

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable WritableModelStore writableStore;

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable Settings settings;

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable UpdateAgent updates;

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable Optimizer optimizer;

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    private volatile @Nullable MetaTypeService metatypes;

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<Predictor> predictors = List.of();

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<ModelStore> stores = List.of();

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<HealthCheck> checks = List.of();

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<Map.Entry<Map<String, Object>, HttpHandler>> handlers = List.of();

    SettingTypes settingTypes = this::bundleSettingTypes;

    private final Path home;
    private final Accounts accounts;
    private final Dispatch dispatch;
    private final EventHub events;
    private final Router router;
    private volatile Options options;
    private volatile Table table = new Table(List.of(), Whiteboard.EMPTY);

    /** The handlers' routes, with the list they were made of. */
    private record Table(List<Map.Entry<Map<String, Object>, HttpHandler>> of, Whiteboard whiteboard) {}

    @ObjectClassDefinition(
            id = PID,
            name = "REST and access",
            description = "The Open Inference Protocol, the management API, and who may use them.")
    @interface Config {

        @AttributeDefinition(
                name = "Home",
                description = "Folder of users.json and run/; empty for the gateway's own. A change takes a restart.")
        String home() default "";

        @AttributeDefinition(
                name = "Anonymous role",
                description = "What callers may do who do not say who they are. Health questions are always open.",
                options = {
                    @Option(label = "none", value = "none"),
                    @Option(label = "viewer", value = "viewer"),
                    @Option(label = "operator", value = "operator"),
                    @Option(label = "admin", value = "admin")
                })
        String anonymous_role() default "none";

        @AttributeDefinition(
                name = "Session, minutes",
                description = "After this time without a request a login ends.",
                min = "1",
                max = "10080")
        int session_minutes() default 60;

        @AttributeDefinition(
                name = "JSON limit, MiB",
                description = "Longest body of a management request.",
                min = "1",
                max = "64")
        int max_json_mib() default 1;

        @AttributeDefinition(
                name = "Inference limit, MiB",
                description = "Longest body of an inference request, after decompression.",
                min = "1",
                max = "1024")
        int max_inference_mib() default 64;

        @AttributeDefinition(
                name = "Upload limit, MiB",
                description = "Largest model that can be uploaded.",
                min = "1",
                max = "1048576")
        int max_upload_mib() default 2048;

        @AttributeDefinition(
                name = "Memory, MiB",
                description = "Most that the bodies of running inference requests take together, JSON as it is read;"
                        + " beyond it requests are refused with 503.",
                min = "1",
                max = "65536")
        int memory_mib() default 256;

        @AttributeDefinition(
                name = "Requests per second",
                description = "Most of one user or token; 0 for no limit.",
                min = "0",
                max = "1000000")
        int requests_per_second() default 0;

        @AttributeDefinition(
                name = "Anonymous requests per second",
                description = "Most from one address without a user, failed logins included; 0 for no limit.",
                min = "0",
                max = "1000000")
        int anonymous_requests_per_second() default 50;

        @AttributeDefinition(
                name = "Event clients",
                description = "Most clients that listen to events at once; each takes a thread.",
                min = "0",
                max = "1000")
        int event_clients() default 16;

        @AttributeDefinition(
                name = "Allowed origins",
                description = "Origins such as https://console.example.com whose pages may write here,"
                        + " besides the gateway's own; needed behind a proxy that changes the Host header.")
        String[] allowed_origins() default {};
    }

    /**
     * Starts.
     *
     * @param config the settings
     * @throws IOException if the first password or the gateway's own token cannot be written
     */
    @Activate
    public RestServer(Config config) throws IOException {
        this.options = Options.of(config);
        this.home = Home.folder(config.home());
        var secrets = new Secrets();
        this.accounts = new Accounts(home, secrets);
        var sessions = new Sessions(secrets, System::nanoTime);
        var authenticator = new Authenticator(accounts, sessions, secrets, home);
        var pool = new BufferPool(() -> options().memoryBytes());
        String version = version();
        this.events = new EventHub(this::options, authenticator);
        this.router = new Router();
        new InferenceRoutes(this, pool, version).addTo(router);
        new RepositoryRoutes(this).addTo(router);
        new StatusRoutes(this, version).addTo(router);
        new ModelRoutes(this).addTo(router);
        new UpdateRoutes(this).addTo(router);
        new DeploymentRoutes(this).addTo(router);
        new OptimizationRoutes(this).addTo(router);
        new SettingsRoutes(this).addTo(router);
        new AccountRoutes(accounts, sessions, authenticator, this::options).addTo(router);
        events.addTo(router);
        this.dispatch = new Dispatch(router, this::whiteboard, authenticator, this::options);
    }

    /** Takes new limits without ending sessions or requests. */
    @Modified
    void modified(Config config) {
        options = Options.of(config);
        if (!Home.folder(config.home()).equals(home)) {
            LOG.warn("home was changed, but {} stays in use until the bundle is restarted", home);
        }
        LOG.info("settings were changed");
    }

    /** Ends the event streams. */
    @Deactivate
    void stop() {
        events.close();
        accounts.awaitFirst();
    }

    @Override
    public void dispatch(HttpExchange exchange) throws IOException {
        dispatch.dispatch(exchange, Optional.empty());
    }

    @Override
    public void dispatch(HttpExchange exchange, String user, String role) throws IOException {
        dispatch.dispatch(exchange, Optional.of(Identity.trusted(user, role)));
    }

    @Override
    public void publish(Event event) {
        events.publish(event);
    }

    @Override
    public Optional<Deployments> findDeployments() {
        return Optional.ofNullable(deployments);
    }

    @Override
    public Optional<Predictor> findPredictor(String deployment) {
        for (Predictor predictor : predictors) {
            if (predictor.deployment().equals(deployment)) {
                return Optional.of(predictor);
            }
        }
        return Optional.empty();
    }

    @Override
    public List<ModelStore> stores() {
        return stores;
    }

    @Override
    public Optional<WritableModelStore> findWritableStore() {
        return Optional.ofNullable(writableStore);
    }

    @Override
    public Optional<Settings> findSettings() {
        return Optional.ofNullable(settings);
    }

    @Override
    public Optional<UpdateAgent> findUpdateAgent() {
        return Optional.ofNullable(updates);
    }

    @Override
    public Optional<Optimizer> findOptimizer() {
        return Optional.ofNullable(optimizer);
    }

    @Override
    public List<SettingTypes.Type> settingTypes() throws HttpProblem {
        return settingTypes.all();
    }

    private List<SettingTypes.Type> bundleSettingTypes() throws HttpProblem {
        MetaTypeService service = metatypes;
        if (service == null) {
            throw HttpProblem.absent("metatype service");
        }
        return BundleSettingTypes.of(service);
    }

    @Override
    public List<HealthCheck> healthChecks() {
        return Stream.concat(checks.stream(), Stream.of(accounts)).toList();
    }

    /** {@return the routes of the two APIs} */
    Router router() {
        return router;
    }

    private Options options() {
        return options;
    }

    private Whiteboard whiteboard() {
        List<Map.Entry<Map<String, Object>, HttpHandler>> now = handlers;
        Table known = table;
        if (known.of() != now) { // the framework replaces the list when a handler comes, goes or changes
            known = new Table(now, Whiteboard.of(now));
            table = known;
        }
        return known.whiteboard();
    }

    private static String version() throws IOException {
        try (InputStream in = RestServer.class.getResourceAsStream("/META-INF/MANIFEST.MF")) {
            if (in != null) {
                var attributes = new Manifest(in).getMainAttributes();
                if (PID.equals(attributes.getValue("Bundle-SymbolicName"))) {
                    return String.valueOf(attributes.getValue("Bundle-Version"));
                }
            }
        }
        return "unknown";
    }
}
