// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.config.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code <home>/run/gateway.json} tells about the gateway that runs on a home.
 *
 * @param pid its process
 * @param url where it answers, without a slash at the end
 */
record GatewayFile(long pid, String url) {

    static Path path(Path home) {
        return home.resolve("run").resolve("gateway.json");
    }

    /** {@return what the file says; empty if there is none, or none that is whole} */
    static Optional<GatewayFile> read(Path home) throws IOException {
        Path file = path(home);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            if (!json.has("pid") || !json.has("url")) {
                throw new IllegalStateException("it has no pid or no url");
            }
            return Optional.of(
                    new GatewayFile(json.get("pid").getAsLong(), json.get("url").getAsString()));
        } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
            throw new IOException(file + " is not what a gateway writes; delete it if no gateway runs", e);
        }
    }

    void write(Path home) throws IOException {
        var json = new JsonObject();
        json.addProperty("pid", pid);
        json.addProperty("url", url);
        DurableFiles.write(path(home), (json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** {@return true if the process is there} */
    boolean isAlive() {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
