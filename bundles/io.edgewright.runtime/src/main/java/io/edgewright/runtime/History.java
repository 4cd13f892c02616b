// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of a deployment on disk, one JSON object a line, bounded. It outlives the deployment for a while. A line that a power
 * cut broke is left out. Thread-safe.
 */
final class History {

    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final long MAX_BYTES = 256 << 10;
    private static final int KEPT = 400;
    private static final String EXTENSION = ".history.jsonl";

    /** So many histories outlive their deployments. */
    static final int OUTLIVING = 100;

    private final Path file;
    private boolean failed;
    private boolean endsWhole; // the file ends with a line end, as far as known

    History(Path folder, String deployment) {
        this.file = folder.resolve(deployment + EXTENSION);
    }

    /** Deletes the oldest histories of deployments that are no more, but for the last {@value #OUTLIVING}. */
    static void sweep(Path folder, Set<String> deployments) {
        try (Stream<Path> files = Files.list(folder)) {
            Map<Path, FileTime> outliving = new HashMap<>();
            for (Path file : files.filter(f -> f.toString().endsWith(EXTENSION)).toList()) {
                String name = String.valueOf(file.getFileName());
                if (!deployments.contains(name.substring(0, name.length() - EXTENSION.length()))) {
                    outliving.put(file, Files.getLastModifiedTime(file));
                }
            }
            Comparator<Map.Entry<Path, FileTime>> latestFirst =
                    Map.Entry.<Path, FileTime>comparingByValue().reversed();
            for (var old : outliving.entrySet().stream()
                    .sorted(latestFirst)
                    .skip(OUTLIVING)
                    .toList()) {
                Files.deleteIfExists(old.getKey());
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("old histories in {} could not be deleted: {}", folder, e.toString());
        }
    }

    synchronized void add(DeploymentEvent event) {
        try {
            String start = endsWhole ? "" : "\n"; // a power cut may have left half a line
            DurableFiles.append(file, (start + json(event) + "\n").getBytes(StandardCharsets.UTF_8));
            endsWhole = true;
            if (Files.size(file) > MAX_BYTES) {
                List<String> lines = lines();
                List<String> kept = lines.subList(Math.max(0, lines.size() - KEPT), lines.size());
                DurableFiles.write(file, (String.join("\n", kept) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.warn("history {} could not be written: {}", file, e.toString());
            }
            failed = true;
            endsWhole = false;
        }
    }

    /** {@return true if the last event could not be written} */
    synchronized boolean isFailing() {
        return failed;
    }

    /** {@return the last events, newest last} */
    synchronized List<DeploymentEvent> last(int limit) {
        List<DeploymentEvent> events = new ArrayList<>();
        try {
            if (Files.exists(file)) {
                List<String> lines = lines();
                lines.subList(Math.max(0, lines.size() - limit), lines.size()).forEach(line -> read(line, events));
            }
        } catch (IOException e) {
            LOG.warn("history {} could not be read: {}", file, e.toString());
        }
        return events;
    }

    private List<String> lines() throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private static JsonObject json(DeploymentEvent event) {
        var details = new JsonObject();
        event.details().forEach(details::addProperty);
        var json = new JsonObject();
        json.addProperty("time", event.time().toString());
        json.addProperty("deployment", event.deployment());
        json.addProperty("kind", event.kind().name());
        json.addProperty("message", event.message());
        json.add("details", details);
        return json;
    }

    private void read(String line, List<DeploymentEvent> events) {
        try {
            JsonObject json = JsonParser.parseString(line).getAsJsonObject();
            Map<String, String> details = new LinkedHashMap<>();
            for (Map.Entry<String, JsonElement> entry :
                    json.getAsJsonObject("details").entrySet()) {
                details.put(entry.getKey(), entry.getValue().getAsString());
            }
            events.add(new DeploymentEvent(
                    Instant.parse(json.get("time").getAsString()),
                    json.get("deployment").getAsString(),
                    Kind.valueOf(json.get("kind").getAsString()),
                    json.get("message").getAsString(),
                    details));
        } catch (JsonParseException
                | IllegalArgumentException
                | IllegalStateException
                | DateTimeException
                | NullPointerException
                | ClassCastException e) {
            LOG.debug("{}: a line that is no event is left out: {}", file, e.toString());
        }
    }
}
