// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.HttpHandler;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.metrics.Exposition.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers Prometheus at {@code /metrics}. Nothing is counted here: every number is read from its owner when asked. */
@Component(
        name = Metrics.PID,
        service = HttpHandler.class,
        property = {HttpHandler.PATH + "=/metrics", "kura.ui.service.hide:Boolean=true"})
@Designate(ocd = Metrics.Config.class)
public final class Metrics implements HttpHandler {

    static final String PID = "io.edgewright.metrics";

    private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

    @Reference(policy = DYNAMIC)
    private volatile List<Deployments> deployments = List.of();

    @Reference(policy = DYNAMIC)
    private volatile List<HealthCheck> checks = List.of();

    @Reference(policy = DYNAMIC)
    private volatile List<Optimizer> optimizers = List.of();

    private final Proc proc = new Proc(Path.of("/"));

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright metrics",
            description = "Metrics of models, devices and the process for Prometheus, at /metrics.")
    @interface Config {

        @AttributeDefinition(
                name = "Who may read",
                description = "The role a scraper needs. A token is made with POST /api/v1/tokens.",
                options = {
                    @Option(label = "Viewers", value = "viewer"),
                    @Option(label = "Operators", value = "operator"),
                    @Option(label = "Administrators", value = "admin"),
                    @Option(label = "Anyone who reaches the port", value = "anyone")
                })
        String edgewright_http_role_read() default "viewer";
    }

    /** @param config its role becomes a service property, which the dispatcher reads */
    @Activate
    public Metrics(Config config) {
        String role = config.edgewright_http_role_read();
        if (!Set.of("viewer", "operator", "admin", "anyone").contains(role)) {
            throw new IllegalArgumentException(
                    HttpHandler.READ_ROLE + " is '" + role + "', expected viewer, operator, admin or anyone");
        }
    }

    Metrics(Config config, List<Deployments> deployments, List<HealthCheck> checks) {
        this(config);
        this.deployments = deployments;
        this.checks = checks;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (!exchange.path().equals("/metrics")) {
            answer(exchange, 404, "text/plain; charset=utf-8", "metrics are at /metrics\n");
        } else if (!Set.of("GET", "HEAD").contains(exchange.method())) {
            exchange.setHeader("Allow", "GET, HEAD");
            answer(exchange, 405, "text/plain; charset=utf-8", "metrics can only be read\n");
        } else {
            exchange.setHeader("Cache-Control", "no-store");
            answer(exchange, 200, Exposition.CONTENT_TYPE, scrape());
        }
    }

    private byte[] scrape() {
        var out = new Exposition();
        for (Deployments runtime : deployments) {
            new ModelMetrics(out, runtime.list()).write();
            new DeviceMetrics(out, runtime.devices(), runtime.idleDrivers()).write();
            break; // there is one runtime; a metric written twice would spoil the whole answer
        }
        for (Optimizer optimizer : optimizers) {
            new OptimizerMetrics(out, optimizer.list(), optimizer.drift()).write();
            break;
        }
        health(out);
        new ProcessMetrics(out, proc).write();
        return out.toBytes();
    }

    private void health(Exposition out) {
        String name = "edgewright_health_findings";
        out.family(name, Type.GAUGE, "What is not well now, by check and severity; all 0 is well.");
        checks.stream().sorted((a, b) -> a.name().compareTo(b.name())).forEach(check -> {
            List<HealthCheck.Finding> findings = findings(check);
            for (HealthCheck.Severity severity : HealthCheck.Severity.values()) {
                long count =
                        findings.stream().filter(f -> f.severity() == severity).count();
                out.sample(name, count, "check", check.name(), "severity", severity.toString());
            }
        });
    }

    /** A check of another bundle that fails must not take the other metrics with it; it is itself a finding. */
    private static List<HealthCheck.Finding> findings(HealthCheck check) {
        try {
            return check.check();
        } catch (RuntimeException e) {
            LOG.warn("Health check {} failed, counted as critical: {}", check.name(), e.toString());
            LOG.debug("Health check {} failed", check.name(), e);
            return List.of(new HealthCheck.Finding(
                    HealthCheck.Severity.CRITICAL, check.name(), "the check itself failed: " + e, "see the log"));
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        answer(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        var stream = exchange.respond(status, type, body.length);
        if (!exchange.method().equals("HEAD")) {
            stream.write(body);
        }
    }
}
