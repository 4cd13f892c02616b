// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TemporaryHomeTest {

    private static final int FOLDERS = 2000;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);

    @Test
    void isDeletedAlthoughFilesStillCome() throws Exception {
        var home = new TemporaryHome(err, Duration.ofMinutes(1));
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
        var home = new TemporaryHome(err, Duration.ofMinutes(1));
        write(home.folder().resolve("folder"));
        Thread.currentThread().interrupt();
        home.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(home.folder()).doesNotExist();
    }

    @Test
    void isGoneAlreadyWithoutAWord() throws Exception {
        var home = new TemporaryHome(err, Duration.ofMinutes(1));
        Files.delete(home.folder());
        home.close();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
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
