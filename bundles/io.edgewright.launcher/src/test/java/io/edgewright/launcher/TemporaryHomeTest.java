// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TemporaryHomeTest {

    private static final int FOLDERS = 2000;

    @TempDir
    Path place;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);

    @Test
    void isDeletedAlthoughFilesStillCome() throws Exception {
        var home = new TemporaryHome(place, err, Duration.ofMinutes(1));
        var began = new CountDownLatch(1);
        var writer = Executors.newSingleThreadExecutor();
        writer.execute(() -> {
            for (int i = 0; i < FOLDERS && write(home.folder().resolve("folder" + i)); i++) {
                began.countDown();
            }
        });
        assertThat(began.await(1, TimeUnit.MINUTES)).isTrue();
        home.close();
        writer.shutdown();
        assertThat(writer.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(home.folder()).doesNotExist();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void isDeletedByAThreadThatWasInterruptedAndStaysSo() throws Exception {
        var home = new TemporaryHome(place, err, Duration.ofMinutes(1));
        write(home.folder().resolve("folder"));
        Thread.currentThread().interrupt();
        home.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(home.folder()).doesNotExist();
    }

    @Test
    void isGoneAlreadyWithoutAWord() throws Exception {
        var home = new TemporaryHome(place, err, Duration.ofMinutes(1));
        Folders.delete(home.folder());
        home.close();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void deletesWhatAKilledCommandLeft() throws Exception {
        Path left = leftover("edgewright-1");
        Files.writeString(left.resolve("file"), "text");
        age(left);
        new TemporaryHome(place, err, Duration.ofMinutes(1)).close();
        assertThat(left).doesNotExist();
    }

    @Test
    void leavesAloneWhatIsInUseOrJustMadeOrNoHome() throws Exception {
        Path young = leftover("edgewright-young");
        Path noHome = Files.createDirectory(place.resolve("edgewright-report"));
        age(noHome);
        Path foreign = leftover("other");
        age(foreign);
        Path link = Files.createSymbolicLink(place.resolve("edgewright-link"), foreign);
        try (var used = new TemporaryHome(place, err, Duration.ofMinutes(1))) {
            age(used.folder());
            new TemporaryHome(place, err, Duration.ofMinutes(1)).close();
            assertThat(used.folder()).isDirectory();
        }
        assertThat(List.of(young, noHome, foreign))
                .allSatisfy(folder -> assertThat(folder).isDirectory());
        assertThat(link).isSymbolicLink();
    }

    private Path leftover(String name) throws IOException {
        Path folder = place.resolve(name);
        Files.createDirectories(folder.resolve("run"));
        Files.createFile(InstanceLock.file(folder));
        return folder;
    }

    private static void age(Path folder) throws IOException {
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    }

    /** {@return false if the home is gone} */
    private static boolean write(Path folder) {
        try {
            Files.createDirectory(folder);
            Files.writeString(folder.resolve("file"), "text");
            return true;
        } catch (IOException e) {
            return Files.exists(folder.getParent());
        }
    }
}
