// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.cloud;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.http.HttpDispatcher;
import io.edgewright.api.update.UpdateProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.cloudconnection.message.KuraMessage;
import org.eclipse.kura.cloudconnection.publisher.CloudNotificationPublisher;
import org.eclipse.kura.cloudconnection.request.RequestHandler;
import org.eclipse.kura.cloudconnection.request.RequestHandlerContext;
import org.eclipse.kura.cloudconnection.request.RequestHandlerRegistry;
import org.eclipse.kura.message.KuraResponsePayload;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests for {@value #APP_ID} of all cloud connections: GET, PUT, POST and DEL are the methods of the
 * management API, EXEC is POST, and the topic's resources are the path below {@code /api/v1}. Thread-safe.
 */
@Component(
        name = CloudHandler.PID,
        service = EventSink.class,
        immediate = true,
        property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = CloudHandler.Config.class)
public final class CloudHandler implements RequestHandler, EventSink {

    static final String PID = "io.edgewright.kura.cloud";
    static final String APP_ID = "EDGEWRIGHT-V1";

    private static final Logger LOG = LoggerFactory.getLogger(CloudHandler.class);

    private static final String USER = "kura-cloud";

    /** What is reached from the cloud; accounts, settings and inference are not. */
    private static final Set<String> RESOURCES =
            Set.of("status", "health", "accelerators", "models", "deployments", "updates");

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable HttpDispatcher dispatcher;

    private final Notifications notifications = new Notifications();
    private final String role;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright remote management",
            description = "Answers requests for EDGEWRIGHT-V1 that come over Kura's cloud connections.")
    @interface Config {

        @AttributeDefinition(
                name = "Role",
                description =
                        "What whoever may send requests over a cloud connection may do: viewer reads; operator also"
                                + " changes models and deployments.",
                options = {@Option(label = "viewer", value = "viewer"), @Option(label = "operator", value = "operator")
                })
        String role() default "operator";
    }

    /** @param config the settings */
    @Activate
    public CloudHandler(Config config) {
        if (!Set.of("viewer", "operator").contains(config.role())) {
            throw new IllegalArgumentException("role is '" + config.role() + "', expected viewer or operator");
        }
        this.role = config.role();
    }

    /** Begins to answer the requests of a cloud connection. */
    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void addRegistry(RequestHandlerRegistry registry) {
        try {
            registry.registerRequestHandler(APP_ID, this);
        } catch (KuraException e) {
            LOG.error("a cloud connection does not take requests for {}", APP_ID, e);
        }
    }

    /** Ends it. */
    void removeRegistry(RequestHandlerRegistry registry) {
        try {
            registry.unregister(APP_ID);
        } catch (KuraException e) {
            LOG.warn("a cloud connection keeps {}: {}", APP_ID, e.getMessage());
        }
    }

    /** Ends the notifications. */
    @Deactivate
    void stop() {
        notifications.close();
    }

    @Override
    public void publish(Event event) {
        if (event.topic().equals(UpdateProgress.TOPIC)) {
            notifications.publish(event);
        }
    }

    @Override
    public KuraMessage doGet(RequestHandlerContext context, KuraMessage request) {
        return answer("GET", context, request);
    }

    @Override
    public KuraMessage doPut(RequestHandlerContext context, KuraMessage request) {
        return answer("PUT", context, request);
    }

    @Override
    public KuraMessage doPost(RequestHandlerContext context, KuraMessage request) {
        return answer("POST", context, request);
    }

    @Override
    public KuraMessage doExec(RequestHandlerContext context, KuraMessage request) {
        return answer("POST", context, request);
    }

    @Override
    public KuraMessage doDel(RequestHandlerContext context, KuraMessage request) {
        return answer("DELETE", context, request);
    }

    private KuraMessage answer(String method, RequestHandlerContext context, KuraMessage request) {
        List<String> resources = resources(request);
        if (resources.isEmpty() || !RESOURCES.contains(resources.get(0))) {
            return refuse(
                    404,
                    "NOT_FOUND",
                    "there is nothing at '%s', expected one of %s"
                            .formatted(
                                    String.join("/", resources),
                                    RESOURCES.stream().sorted().toList()));
        }
        HttpDispatcher now = dispatcher;
        if (now == null) {
            return refuse(503, "SERVICE_ABSENT", "io.edgewright.rest is not running on this gateway");
        }
        var exchange = new CloudExchange(method, "/api/v1/" + String.join("/", resources), request.getPayload());
        Runnable undo = follow(method, resources, context, request); // before it begins: its first step may be quick
        try {
            now.dispatch(exchange, USER, role);
        } catch (IOException e) {
            LOG.warn("{} {} broke off", method, exchange.path(), e);
            return refuse(500, "INTERNAL_ERROR", "the gateway failed; its log says more");
        } finally {
            if (exchange.status() / 100 != 2) {
                undo.run();
            }
        }
        return reply(exchange.status(), exchange.answer());
    }

    private static List<String> resources(KuraMessage request) {
        return request.getProperties().get("args") instanceof List<?> parts
                ? parts.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Lets the sender of a request for an update hear how it goes on; {@return undoes it} */
    private Runnable follow(String method, List<String> resources, RequestHandlerContext context, KuraMessage request) {
        CloudNotificationPublisher publisher = context.getNotificationPublisher();
        Object client = request.getPayload().getMetric("requester.client.id");
        boolean update = method.equals("PUT") && resources.get(0).equals("updates") && resources.size() == 2;
        if (!update || publisher == null || client == null) {
            return () -> {};
        }
        String gateway = context.getContextProperties().getOrDefault("DEVICE_ID", "");
        return notifications.follow(
                resources.get(1), new Notifications.Requester(publisher, client.toString(), gateway));
    }

    private static KuraMessage refuse(int status, String reason, String message) {
        var json = new JsonObject();
        json.addProperty("error", message);
        json.addProperty("reason", reason);
        return reply(status, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static KuraMessage reply(int status, byte[] body) {
        var payload = new KuraResponsePayload(code(status));
        payload.setTimestamp(new Date());
        payload.addMetric("http.status", status);
        if (body.length > 0) {
            payload.setBody(body);
            describe(payload, status, body);
        }
        return new KuraMessage(payload);
    }

    private static void describe(KuraResponsePayload payload, int status, byte[] body) {
        try {
            JsonElement json = JsonParser.parseString(new String(body, StandardCharsets.UTF_8));
            if (!(json instanceof JsonObject object)) {
                return;
            }
            if (status / 100 == 2) {
                Figures.of(object).forEach(payload::addMetric);
            } else if (object.get("error") instanceof JsonPrimitive error
                    && object.get("reason") instanceof JsonPrimitive reason) {
                payload.setExceptionMessage(error.getAsString());
                payload.addMetric("reason", reason.getAsString());
            }
        } catch (JsonParseException e) {
            LOG.debug("an answer is not JSON", e);
        }
    }

    /** {@return the nearest of the codes that Kapua knows: it takes no other} */
    private static int code(int status) {
        if (status / 100 == 2) {
            return 200;
        }
        return status == 404 ? 404 : status / 100 == 4 ? 400 : 500;
    }
}
