// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The wire graphs that we ship set only what our components have, and connect only what they name. */
class ExampleGraphsTest {

    private static final Path FOLDER = Path.of("../../kura-config/wires");
    private static final String GRAPH = "org.eclipse.kura.wire.graph.WireGraphService";

    @TestFactory
    Stream<DynamicTest> everyGraphIsOneThatKuraCanMake() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(f -> f.toString().endsWith(".json")).sorted().toList().stream()
                    .map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> check(f)));
        }
    }

    private static void check(Path file) throws IOException {
        Map<String, JsonObject> configs = new HashMap<>();
        for (JsonElement config :
                JsonParser.parseString(Files.readString(file)).getAsJsonObject().getAsJsonArray("configs")) {
            JsonObject object = config.getAsJsonObject();
            configs.put(object.get("pid").getAsString(), object.getAsJsonObject("properties"));
        }
        JsonObject graph =
                JsonParser.parseString(text(configs.remove(GRAPH), "WireGraph")).getAsJsonObject();
        Set<String> ports = new HashSet<>();
        for (JsonElement component : graph.getAsJsonArray("components")) {
            JsonObject object = component.getAsJsonObject();
            String pid = object.get("pid").getAsString();
            assertThat(configs).containsKey(pid);
            range(ports, pid + " in ", object.get("inputPortCount").getAsInt());
            range(ports, pid + " out ", object.get("outputPortCount").getAsInt());
        }
        for (JsonElement wire : graph.getAsJsonArray("wires")) {
            JsonObject object = wire.getAsJsonObject();
            assertThat(ports)
                    .contains(
                            object.get("emitter").getAsString() + " out "
                                    + object.get("emitterPort").getAsInt(),
                            object.get("receiver").getAsString() + " in "
                                    + object.get("receiverPort").getAsInt());
        }
        configs.values().forEach(ExampleGraphsTest::checkSettings);
    }

    private static void range(Set<String> ports, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            ports.add(prefix + i);
        }
    }

    private static void checkSettings(JsonObject properties) {
        switch (text(properties, "service.factoryPid")) {
            case InferenceWire.PID -> checkSettings(properties, InferenceWire.Config.class, InferenceSettings::of);
            case CameraWire.PID -> checkSettings(properties, CameraWire.Config.class, CameraLoop.Settings::of);
            case RetailWire.PID -> checkSettings(properties, RetailWire.Config.class, RetailWire::choice);
            case DriftWire.PID -> checkSettings(properties, DriftWire.Config.class, DriftWire::choice);
            case TopicsWire.PID -> checkSettings(properties, TopicsWire.Config.class, TopicsWire::choice);
            default -> assertThat(text(properties, "service.factoryPid")).startsWith("org.eclipse.kura.wire.");
        }
    }

    private static <C> void checkSettings(JsonObject properties, Class<C> type, Consumer<C> checked) {
        Map<String, Object> values = new HashMap<>();
        Map<String, String> types = Map.of(
                "STRING", "String", "INTEGER", "int", "DOUBLE", "double", "FLOAT", "float", "BOOLEAN", "boolean");
        for (String name : properties.keySet()) {
            if (!name.equals("service.factoryPid")) {
                Method setting = Arrays.stream(type.getDeclaredMethods())
                        .filter(m -> m.getName().replace('_', '.').equals(name))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(type + " has no setting " + name));
                JsonObject value = properties.getAsJsonObject(name);
                assertThat(types.get(value.get("type").getAsString()))
                        .as(name)
                        .isEqualTo(setting.getReturnType().getSimpleName());
                values.put(name, value.get("value").getAsString());
            }
        }
        checked.accept(Configs.of(type, values));
    }

    private static String text(JsonObject properties, String name) {
        return properties.getAsJsonObject(name).get("value").getAsString();
    }
}
