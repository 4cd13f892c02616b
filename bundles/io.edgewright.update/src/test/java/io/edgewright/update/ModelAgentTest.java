// SPDX-License-Identifier: Apache-2.0
package io.edgewright.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edgewright.api.event.Event;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.update.Update;
import io.edgewright.api.update.UpdateProgress;
import io.edgewright.api.update.UpdateProgress.State;
import io.edgewright.testkit.Configs;
import io.edgewright.update.FaultyServer.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ModelAgentTest {

    private static final String ID = "shelf-2";

    @TempDir
    Path home;

    private final byte[] content = new byte[300_000];
    private final MemoryStore store = new MemoryStore();
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Event> news = new LinkedBlockingQueue<>();
    private FaultyServer server;
    private ModelAgent agent;

    @BeforeEach
    void start() throws IOException {
        new Random(7).nextBytes(content);
        server = new FaultyServer(content);
        agent = agent(Map.of());
    }

    @AfterEach
    void stop() {
        agent.stop();
        server.close();
    }

    @Test
    void fetchesAModelAndTellsHowFarItIs() throws Exception {
        agent.submit(update(Map.of("name", "shelf", "version", "2.0.0")));
        assertThat(end().message()).isEqualTo("stored as shelf:2.0.0");
        assertThat(store.added).isEqualTo(content);
        assertThat(store.fileName).isEqualTo("shelf.onnx");
        assertThat(parts()).isEmpty();
        assertThat(events).allSatisfy(e -> assertThat(e.topic()).isEqualTo(UpdateProgress.TOPIC));
        assertThat(events.stream().map(e -> e.values().get("state")).distinct())
                .containsExactly("DOWNLOADING", "VERIFYING", "SUCCEEDED");
        assertThat(events.stream().map(e -> e.values().get("percent"))).contains(0L, 100L);
        assertThat(agent.cancel(ID)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "GONE")
    void comesThroughAnyFaultThatPasses(Fault fault) throws Exception {
        agent.stop();
        agent = agent(Map.of("stall.seconds", 1));
        server.faults.addAll(List.of(Fault.BREAK, fault, Fault.BREAK));
        agent.submit(update(Map.of()));
        assertThat(end().state()).isEqualTo(State.SUCCEEDED);
        assertThat(store.added).isEqualTo(content);
    }

    @Test
    void goesOnWhereItBrokeOff() throws Exception {
        server.faults.add(Fault.BREAK);
        agent.submit(update(Map.of()));
        assertThat(end().state()).isEqualTo(State.SUCCEEDED);
        assertThat(server.ranges).containsExactly("", "bytes=" + content.length / 2 + "-");
        assertThat(store.added).isEqualTo(content);
    }

    @Test
    void fetchesAllAgainWhenAPartFromBeforeDoesNotFit() throws Exception {
        server.content = new byte[content.length];
        server.faults.addAll(List.of(Fault.BREAK, Fault.STALL));
        agent.submit(update(Map.of()));
        assertThat(server.stalled.await(20, TimeUnit.SECONDS)).isTrue();
        server.content = content;
        agent.stop();
        agent = agent(Map.of());
        agent.submit(update(Map.of()));
        assertThat(end().state()).isEqualTo(State.SUCCEEDED);
        assertThat(store.added).isEqualTo(content);
    }

    @Test
    void beginsAnewWhenTheContentChangesBetweenTwoAttempts() throws Exception {
        server.content = new byte[content.length];
        server.faults.addAll(List.of(Fault.BREAK, Fault.CHANGE));
        server.next = content;
        agent.submit(update(Map.of()));
        assertThat(end().state()).isEqualTo(State.SUCCEEDED);
        assertThat(store.added).isEqualTo(content);
        assertThat(server.ranges).hasSize(2);
    }

    @Test
    void failsAtOnceWhereTryingAgainWouldNotHelp() throws Exception {
        server.faults.add(Fault.GONE);
        agent.submit(update(Map.of()));
        assertThat(end()).satisfies(p -> {
            assertThat(p.state()).isEqualTo(State.FAILED);
            assertThat(p.message()).contains("answers 404");
        });
        assertThat(server.ranges).hasSize(1);
        assertThat(parts()).isEmpty();
    }

    @Test
    void givesUpAfterItsAttemptsAndKeepsWhatCame() throws Exception {
        agent.stop();
        agent = agent(Map.of("attempts", 3));
        server.faults.addAll(List.of(Fault.BREAK, Fault.BUSY, Fault.BUSY, Fault.BUSY));
        agent.submit(update(Map.of()));
        assertThat(end().message()).contains("failed 3 times in a row");
        assertThat(parts()).hasSize(1);
        agent.submit(update(Map.of()));
        assertThat(end().state()).isEqualTo(State.SUCCEEDED);
        assertThat(server.ranges).last().isEqualTo("bytes=" + content.length / 2 + "-");
    }

    @Test
    void refusesAnotherDigestSizeOrOneThatIsTooLargeAndStoresNothing() throws Exception {
        agent.submit(new Update(ID, "model", server.uri(), "0".repeat(64), Update.UNKNOWN_SIZE, Map.of()));
        assertThat(end().message()).contains("digest");
        agent.submit(new Update(ID, "model", server.uri(), digest(), content.length + 1, Map.of()));
        assertThat(end().message()).contains("has 300000 bytes, expected 300001");
        agent.stop();
        agent = agent(Map.of("max.mib", 1));
        server.content = new byte[(1 << 20) + 1];
        server.faults.add(Fault.CHUNKED);
        agent.submit(update(Map.of()));
        assertThat(end().message()).contains("has more than 1048576 bytes");
        assertThat(store.added).isEmpty();
        assertThat(parts()).isEmpty();
    }

    @Test
    void endsOnRequestAndDeletesWhatCame() throws Exception {
        server.faults.add(Fault.STALL);
        agent.submit(update(Map.of()));
        assertThat(server.stalled.await(20, TimeUnit.SECONDS)).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> agent.submit(update(Map.of())));
        assertThat(agent.cancel(ID)).isTrue();
        assertThat(end().state()).isEqualTo(State.CANCELLED);
        agent.submit(update(Map.of()));
        assertThat(end().state()).isEqualTo(State.SUCCEEDED);
        assertThat(server.ranges).containsExactly("", "");
        assertThat(agent.cancel("another")).isFalse();
    }

    @Test
    void deletesPartsThatNobodyAskedForInAWeek() throws Exception {
        Path young = Files.write(home.resolve("updates").resolve("b.part"), content);
        writeOldPart();
        agent.stop();
        agent = agent(Map.of());
        assertThat(parts()).containsExactly(young);
    }

    @Test
    void deletesThemAlsoWhileItRunsOn() throws Exception {
        writeOldPart();
        agent.submit(update(Map.of()));
        assertThat(end().state()).isEqualTo(State.SUCCEEDED);
        assertThat(parts()).isEmpty();
    }

    private void writeOldPart() throws IOException {
        Path old = Files.write(home.resolve("updates").resolve("a.part"), content);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
    }

    @ParameterizedTest
    @CsvSource({
        "model, file:///etc/passwd, expected http",
        "bundle, http://a/b, expected model",
        "model, http:/b, expected"
    })
    void refusesWhatItCannotApply(String kind, String location, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> agent.submit(new Update(ID, kind, URI.create(location), digest(), 1, Map.of())))
                .withMessageContaining(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        agent.submit(new Update(ID, "model", URI.create("http://a/b"), digest(), 3L << 30, Map.of())))
                .withMessageContaining("max.mib");
        assertThat(agent.updates()).isEmpty();
    }

    private ModelAgent agent(Map<String, Object> settings) throws IOException {
        Map<String, Object> all = new HashMap<>(Map.of("home", home.toString()));
        all.putAll(settings);
        var made = new ModelAgent(Configs.of(ModelAgent.Config.class, all), Duration.ofMillis(1));
        made.store = store;
        made.sinks = List.of(events::add, news::add);
        return made;
    }

    private Update update(Map<String, String> properties) throws Exception {
        return new Update(ID, "model", server.uri(), digest(), Update.UNKNOWN_SIZE, properties);
    }

    private String digest() throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    /** {@return how the update ended; every end is an event} */
    private UpdateProgress end() throws InterruptedException {
        UpdateProgress progress = progress();
        for (long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                !progress.ended();
                progress = progress()) {
            assertThat(System.nanoTime() - end).as("it ends; now %s", progress).isNegative();
            news.poll(10, TimeUnit.MILLISECONDS);
        }
        return progress;
    }

    private UpdateProgress progress() {
        return Optional.ofNullable(agent.updates().get(ID)).orElseThrow();
    }

    private List<Path> parts() throws IOException {
        try (var files = Files.list(home.resolve("updates"))) {
            return files.toList();
        }
    }

    /** A store that checks the digest and keeps the last content. */
    private static final class MemoryStore implements WritableModelStore {

        volatile byte[] added = new byte[0];
        volatile String fileName = "";

        @Override
        public ModelManifest add(InputStream in, String name, AddOptions options) throws ModelException {
            try {
                byte[] all = in.readAllBytes();
                String digest = HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(all));
                if (!digest.equals(options.sha256().orElseThrow())) {
                    throw new ModelException(ModelException.Reason.DIGEST_MISMATCH, "the digest is " + digest, null);
                }
                added = all;
                fileName = name;
                ModelId id = ModelId.of(
                        options.name().orElse("shelf"), options.version().orElse("1.0.0"));
                return new ModelManifest(
                        id, "onnx", name, digest, all.length, List.of(), List.of(), Map.of(), Map.of());
            } catch (IOException | java.security.NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public ModelManifest add(Path source, AddOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void remove(ModelId id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public List<ModelManifest> models() {
            return List.of();
        }

        @Override
        public ModelFile open(ModelId id) {
            throw new UnsupportedOperationException();
        }
    }
}
