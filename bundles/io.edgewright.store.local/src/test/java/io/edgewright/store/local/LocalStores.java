// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.event.Event;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelStore;
import io.edgewright.onnx.OnnxInspector;
import io.edgewright.testkit.Configs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Stores over one folder, which are stopped together, and what they tell. */
final class LocalStores implements AutoCloseable {

    private final Supplier<Path> home;
    private final List<LocalModelStore> opened = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<ModelStore> changes = new ArrayList<>();

    /** @param home known when the first store is opened */
    LocalStores(Supplier<Path> home) {
        this.home = home;
    }

    List<Event> events() {
        return events;
    }

    List<ModelStore> changes() {
        return changes;
    }

    @Override
    public void close() throws IOException {
        for (LocalModelStore store : opened) {
            store.deactivate();
        }
    }

    LocalModelStore open(Map<String, Object> settings) throws IOException {
        var store = new LocalModelStore(
                config(settings), List.of(new OnnxInspector()), List.of(changes::add), List.of(events::add));
        opened.add(store);
        return store;
    }

    LocalModelStore.Config config(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("home", home.get().toString());
        all.putIfAbsent("min.free.mib", 0L);
        return Configs.of(LocalModelStore.Config.class, all);
    }

    Path blob(String digest) {
        return home.get().resolve("models/blobs/sha256").resolve(digest);
    }

    static InputStream stream(byte[] content) {
        return new ByteArrayInputStream(content);
    }

    static void assertRefused(Reason reason, String message, ThrowingCallable call) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(call)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
