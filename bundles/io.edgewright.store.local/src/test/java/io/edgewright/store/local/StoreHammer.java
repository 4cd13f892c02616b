// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.onnx.OnnxInspector;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Adds and removes models until it is killed, and says on its standard output what it begins and what is done: {@code
 * adding|added|removing|removed name:version}. Run with the home folder and a seed.
 */
final class StoreHammer {

    private StoreHammer() {}

    public static void main(String[] arguments) throws IOException, ModelException {
        var random = new Random(Long.parseLong(arguments[1]));
        LocalModelStore store = store(arguments[0]);
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        out.println("ready");
        while (true) {
            ModelId id = ModelId.of("m" + random.nextInt(4), String.valueOf(1 + random.nextInt(3)));
            if (random.nextInt(3) > 0) {
                out.println("adding " + id);
                add(store, id);
                out.println("added " + id);
            } else {
                out.println("removing " + id);
                remove(store, id);
                out.println("removed " + id);
            }
        }
    }

    static LocalModelStore store(String home) throws IOException {
        return new LocalModelStore(
                Configs.of(
                        LocalModelStore.Config.class, Map.of("home", home, "min.free.mib", 0L, "verify.always", true)),
                List.of(new OnnxInspector()),
                List.of(),
                List.of());
    }

    /** The content depends on the id alone, so that adding again is allowed; one file is shared by all. */
    private static void add(LocalModelStore store, ModelId id) throws IOException, ModelException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("model.onnx"));
            zip.write(TestModels.perceptron(
                    id.hashCode(), 1, 64, 200 * id.version().major(), 8));
            zip.putNextEntry(new ZipEntry("labels.txt"));
            zip.write(new byte[] {'a', '\n', 'b'});
        }
        store.add(
                new ByteArrayInputStream(bytes.toByteArray()),
                "m.zip",
                new AddOptions(
                        Optional.of(id.name()), Optional.of(id.version().toString()), Map.of(), Optional.empty()));
    }

    private static void remove(LocalModelStore store, ModelId id) throws ModelException {
        try {
            store.remove(id);
        } catch (ModelException e) {
            if (e.reason() != Reason.NOT_FOUND) {
                throw e;
            }
        }
    }
}
