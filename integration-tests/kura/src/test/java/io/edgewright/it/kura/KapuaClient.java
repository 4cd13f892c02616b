// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A platform that manages a gateway: shares no code with the emulated gateway; its payloads are protobuf's own. */
final class KapuaClient implements AutoCloseable {

    private static final String PREFIX = "$EDC/acme/";
    private static final String ID = "platform-7";
    private static final List<String> TYPES = List.of(
            "double_value", "float_value", "long_value", "int_value", "bool_value", "string_value", "bytes_value");
    private static final Descriptor PAYLOAD = describe();

    /** A message of the gateway. */
    record Message(String topic, Map<String, Object> metrics, String body) {

        int code() {
            return (Integer) metrics.getOrDefault("response.code", 0);
        }

        JsonObject json() {
            return JsonParser.parseString(body).getAsJsonObject();
        }
    }

    final BlockingQueue<Message> notifications = new LinkedBlockingQueue<>();
    private final BlockingQueue<Message> replies = new LinkedBlockingQueue<>();
    private final MqttClient client;
    private int requests;

    KapuaClient(String broker) throws MqttException {
        client = new MqttClient(broker, ID, new MemoryPersistence());
        client.connect();
        client.subscribe(PREFIX + ID + "/EDGEWRIGHT-V1/#", 0, (topic, message) -> {
            (topic.contains("/REPLY/") ? replies : notifications).add(decode(topic, message.getPayload()));
        });
    }

    /** Sends a request and waits for its reply. */
    Message ask(String request, String body) throws Exception {
        String id = "r" + requests++;
        byte[] payload = encode(Map.of("request.id", id, "requester.client.id", ID), body);
        client.publish(PREFIX + "gateway-1/EDGEWRIGHT-V1/" + request.replaceFirst(" ", "/"), payload, 0, false);
        Message reply = replies.poll(60, TimeUnit.SECONDS);
        if (reply == null) {
            throw new AssertionError("no reply to " + request);
        }
        if (!reply.topic().equals(PREFIX + ID + "/EDGEWRIGHT-V1/REPLY/" + id)) {
            throw new AssertionError("reply to " + request + " came at " + reply.topic());
        }
        return reply;
    }

    @Override
    public void close() throws MqttException {
        client.disconnect();
        client.close();
    }

    private static byte[] encode(Map<String, String> metrics, String body) {
        DynamicMessage.Builder payload = DynamicMessage.newBuilder(PAYLOAD);
        Descriptor metric = PAYLOAD.findNestedTypeByName("KuraMetric");
        EnumValueDescriptor string = metric.findEnumTypeByName("ValueType").findValueByNumber(5);
        metrics.forEach((name, value) -> payload.addRepeatedField(
                field(PAYLOAD, "metric"),
                DynamicMessage.newBuilder(metric)
                        .setField(field(metric, "name"), name)
                        .setField(field(metric, "type"), string)
                        .setField(field(metric, "string_value"), value)
                        .build()));
        return payload.setField(field(PAYLOAD, "timestamp"), System.currentTimeMillis())
                .setField(field(PAYLOAD, "body"), ByteString.copyFromUtf8(body))
                .build()
                .toByteArray();
    }

    private static Message decode(String topic, byte[] bytes) throws InvalidProtocolBufferException {
        DynamicMessage payload = DynamicMessage.parseFrom(PAYLOAD, bytes);
        Map<String, Object> metrics = new HashMap<>();
        for (Object one : (List<?>) payload.getField(field(PAYLOAD, "metric"))) {
            DynamicMessage metric = (DynamicMessage) one;
            Descriptor type = metric.getDescriptorForType();
            int kind = ((EnumValueDescriptor) metric.getField(field(type, "type"))).getNumber();
            metrics.put((String) metric.getField(field(type, "name")), metric.getField(field(type, TYPES.get(kind))));
        }
        var body = (ByteString) payload.getField(field(PAYLOAD, "body"));
        return new Message(topic, metrics, body.toString(StandardCharsets.UTF_8));
    }

    private static FieldDescriptor field(Descriptor type, String name) {
        return type.findFieldByName(name);
    }

    private static Descriptor describe() {
        List<Type> types = List.of(
                Type.TYPE_DOUBLE,
                Type.TYPE_FLOAT,
                Type.TYPE_INT64,
                Type.TYPE_INT32,
                Type.TYPE_BOOL,
                Type.TYPE_STRING,
                Type.TYPE_BYTES);
        EnumDescriptorProto.Builder kinds = EnumDescriptorProto.newBuilder().setName("ValueType");
        DescriptorProto.Builder metric = DescriptorProto.newBuilder()
                .setName("KuraMetric")
                .addField(field("name", 1, Type.TYPE_STRING, Label.LABEL_REQUIRED))
                .addField(field("type", 2, Type.TYPE_ENUM, Label.LABEL_REQUIRED).toBuilder()
                        .setTypeName("ValueType"));
        for (int i = 0; i < types.size(); i++) {
            String name = types.get(i).name().replace("TYPE_", "");
            kinds.addValue(EnumValueDescriptorProto.newBuilder().setName(name).setNumber(i));
            metric.addField(field(TYPES.get(i), 3 + i, types.get(i), Label.LABEL_OPTIONAL));
        }
        DescriptorProto payload = DescriptorProto.newBuilder()
                .setName("KuraPayload")
                .addNestedType(metric.addEnumType(kinds))
                .addField(field("timestamp", 1, Type.TYPE_INT64, Label.LABEL_OPTIONAL))
                .addField(field("metric", 5000, Type.TYPE_MESSAGE, Label.LABEL_REPEATED).toBuilder()
                        .setTypeName("KuraMetric"))
                .addField(field("body", 5001, Type.TYPE_BYTES, Label.LABEL_OPTIONAL))
                .build();
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("kurapayload.proto")
                .setPackage("kuradatatypes")
                .addMessageType(payload)
                .build();
        try {
            return FileDescriptor.buildFrom(file, new FileDescriptor[0]).findMessageTypeByName("KuraPayload");
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FieldDescriptorProto field(String name, int number, Type type, Label label) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(label)
                .build();
    }
}
