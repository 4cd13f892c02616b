// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.cloudconnection.message.KuraMessage;
import org.eclipse.kura.cloudconnection.publisher.CloudNotificationPublisher;
import org.eclipse.kura.cloudconnection.request.RequestHandler;
import org.eclipse.kura.cloudconnection.request.RequestHandlerContext;
import org.eclipse.kura.cloudconnection.request.RequestHandlerRegistry;
import org.eclipse.kura.message.KuraPayload;
import org.eclipse.kura.message.KuraResponsePayload;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * A cloud connection to Kapua: passes requests at {@code $EDC/<account>/<gateway>/<application>/<verb>/<resources>} to their
 * handlers and publishes what they answer. Connects where the property {@code kura.broker} says, if it says anything.
 */
@Component(name = "kura.emulation.cloud", immediate = true)
public final class CloudEmulation implements RequestHandlerRegistry, CloudNotificationPublisher {

    private static final String ACCOUNT = "acme";
    private static final String GATEWAY = "gateway-1";
    private static final String PREFIX = "$EDC/" + ACCOUNT + "/";

    private final Map<String, RequestHandler> handlers = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final @Nullable MqttClient client;

    @Activate
    public CloudEmulation(BundleContext context) throws MqttException {
        String broker = context.getProperty("kura.broker");
        if (broker == null) {
            client = null;
            return;
        }
        client = new MqttClient(broker, GATEWAY, new MemoryPersistence());
        client.connect();
        client.subscribe(PREFIX + GATEWAY + "/#", 0, (topic, message) -> {
            byte[] bytes = message.getPayload();
            threads.execute(() -> answer(topic, PayloadCodec.decode(bytes)));
        });
    }

    @Deactivate
    void stop() throws MqttException {
        threads.shutdownNow();
        if (client != null) {
            client.disconnect();
            client.close();
        }
    }

    @Override
    public void registerRequestHandler(String id, RequestHandler requestHandler) {
        handlers.put(id, requestHandler);
    }

    @Override
    public void unregister(String id) {
        handlers.remove(id);
    }

    @Override
    public String publish(KuraMessage message) throws KuraException {
        Map<String, Object> p = message.getProperties();
        send(
                "%s%s/%s/NOTIFY/%s/%s"
                        .formatted(PREFIX, p.get("requestorClientId"), p.get("appId"), GATEWAY, p.get("messageType")),
                message.getPayload());
        return "0";
    }

    private void answer(String topic, KuraPayload request) {
        String[] parts = topic.substring(PREFIX.length()).split("/", -1); // gateway, application, verb, resources
        RequestHandler handler = handlers.get(parts[1]);
        if (handler == null) {
            return; // nobody listens to that application
        }
        List<String> resources = Arrays.asList(parts).subList(3, parts.length);
        KuraPayload reply = ask(handler, parts[2], new KuraMessage(request, Map.of("args", resources)));
        try {
            send(
                    "%s%s/%s/REPLY/%s"
                            .formatted(
                                    PREFIX,
                                    request.getMetric("requester.client.id"),
                                    parts[1],
                                    request.getMetric("request.id")),
                    reply);
        } catch (KuraException e) {
            throw new IllegalStateException(e);
        }
    }

    private KuraPayload ask(RequestHandler handler, String verb, KuraMessage request) {
        var context = new RequestHandlerContext(this, Map.of("TENANT_ID", ACCOUNT, "DEVICE_ID", GATEWAY));
        try {
            KuraMessage reply =
                    switch (verb) {
                        case "GET" -> handler.doGet(context, request);
                        case "PUT" -> handler.doPut(context, request);
                        case "POST" -> handler.doPost(context, request);
                        case "DEL" -> handler.doDel(context, request);
                        case "EXEC" -> handler.doExec(context, request);
                        default -> new KuraMessage(new KuraResponsePayload(400));
                    };
            return reply.getPayload();
        } catch (KuraException e) {
            return new KuraResponsePayload(e.getCode() == KuraErrorCode.BAD_REQUEST ? 400 : 500);
        }
    }

    private void send(String topic, KuraPayload payload) throws KuraException {
        MqttClient open = client;
        if (open == null) {
            throw new KuraException(KuraErrorCode.NOT_CONNECTED);
        }
        try {
            open.publish(topic, PayloadCodec.encode(payload), 0, false);
        } catch (MqttException e) {
            throw new KuraException(KuraErrorCode.CONNECTION_FAILED, e);
        }
    }
}
