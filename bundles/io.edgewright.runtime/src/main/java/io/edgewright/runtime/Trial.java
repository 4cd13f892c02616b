// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.api.config.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers on disk which models are new on which device, so that one that takes the whole process down is not loaded
 * again and again: after some such ends it is left out until the next start. What has once served for a while is
 * trusted. One thread at a time.
 */
final class Trial {

    /** A power cut may hit a trial as well, hardly that many in a row. */
    static final int ENDS = 3;

    private static final Duration PROOF = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int TRUSTED = 32;
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);

    private final Path file;
    private final Time time;
    private final long startNanos;
    private final Set<String> trusted = new LinkedHashSet<>(); // the oldest first
    private final Map<String, Integer> starts = new LinkedHashMap<>(); // of each trial that was not passed yet
    private final Map<String, Long> begun = new HashMap<>(); // by this process; nanoseconds
    private final Set<String> blocked = new HashSet<>();

    Trial(Path file, Time time) {
        this.file = file;
        this.time = time;
        this.startNanos = time.nanos();
        read();
        starts.forEach((key, times) -> {
            if (times >= ENDS) {
                blocked.add(key);
            }
        });
        if (!blocked.isEmpty()) {
            blocked.forEach(key -> starts.put(key, ENDS - 1)); // the next start tries once more
            write();
        }
    }

    /** {@return true if the process died too often while this was new} */
    boolean blocks(String key) {
        return blocked.contains(key);
    }

    /** Called before something is loaded. */
    void begin(String key) {
        if (!trusted.contains(key) && begun.put(key, time.nanos()) == null) {
            starts.merge(key, 1, Integer::sum);
            write();
        }
    }

    /** Called when it failed without harm. */
    void end(String key) {
        if (begun.remove(key) != null) {
            starts.remove(key);
            write();
        }
    }

    /** Trusts what has served for long enough. {@return how long until the next one has; empty if none is new} */
    Optional<Duration> left() {
        long now = time.nanos();
        List<String> passed = begun.keySet().stream()
                .filter(key -> now - begun.getOrDefault(key, now) >= PROOF.toNanos())
                .toList();
        if (!passed.isEmpty()) {
            trusted.addAll(passed);
            while (trusted.size() > TRUSTED) {
                trusted.remove(trusted.iterator().next());
            }
            passed.forEach(begun::remove);
            passed.forEach(starts::remove);
            write();
        }
        return begun.values().stream()
                .map(since -> PROOF.minusNanos(now - since))
                .min(Duration::compareTo);
    }

    /** Called when the gateway stops in order: that is no end to be counted. */
    void stop() {
        List.copyOf(begun.keySet()).forEach(this::end);
    }

    void forgive() {
        blocked.clear();
    }

    /** Called while nothing serves: a gateway that is up can be repaired, but is not to refuse for good. */
    void relent() {
        if (time.nanos() - startNanos >= PATIENCE.toNanos()) {
            blocked.clear();
        }
    }

    private void write() {
        var times = new JsonObject();
        starts.forEach(times::addProperty);
        var list = new JsonArray();
        trusted.forEach(list::add);
        var json = new JsonObject();
        json.add("starts", times);
        json.add("trusted", list);
        try {
            DurableFiles.write(file, (json + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("{} could not be written, so a model that crashes would be tried again: {}", file, e.toString());
        }
    }

    private void read() {
        if (!Files.exists(file)) {
            return;
        }
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            json.getAsJsonArray("trusted").forEach(key -> trusted.add(key.getAsString()));
            json.getAsJsonObject("starts")
                    .entrySet()
                    .forEach(e -> starts.put(e.getKey(), e.getValue().getAsInt()));
        } catch (IOException | RuntimeException e) { // whatever it holds, it must not keep models from being served
            LOG.warn("{} cannot be read and is left out: {}", file, e.toString());
        }
    }
}
