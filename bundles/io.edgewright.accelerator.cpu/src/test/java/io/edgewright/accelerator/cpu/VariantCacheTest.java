// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VariantCacheTest {

    @TempDir
    Path folder;

    @Test
    void keepsSoManyAlsoWithoutAStartInBetween() throws Exception {
        var cache = new VariantCache(folder);
        Path beingMade = Files.createFile(cache.temporary("being made"));
        for (int i = 0; i < VariantCache.KEPT + 20; i++) {
            publish(cache, "model" + i);
            usedBefore("model" + i, Duration.ofHours(1000 - i));
        }
        publish(cache, "last");

        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(VariantCache.KEPT + 1);
        }
        assertThat(beingMade).exists();
        assertThat(cache.find("last")).isPresent();
        assertThat(cache.find("model0")).isEmpty();
    }

    @Test
    void sweepsAwayWhatWasBeingMadeAndKeepsWhatIsWhole() throws Exception {
        var cache = new VariantCache(folder);
        publish(cache, "whole");
        Files.createFile(cache.temporary("half"));

        cache.sweep();

        assertThat(cache.find("whole")).isPresent();
        assertThat(folder.resolve("half")).doesNotExist();
    }

    private static void publish(VariantCache cache, String key) throws IOException {
        cache.publish(key, Files.writeString(cache.temporary(key), key), Duration.ofMillis(1));
    }

    private void usedBefore(String key, Duration age) throws IOException {
        Files.setLastModifiedTime(
                folder.resolve(key).resolve("seal"), FileTime.from(Instant.now().minus(age)));
    }
}
