// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.launcher.log.LogOutput;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

final class DropFolderTest {

    @TempDir
    Path dir;

    @Test
    void tellsOnceThatItsFolderIsGone() throws Exception {
        var context = (BundleContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException(method + " is not called where nothing lies");
                });
        Path log = dir.resolve("test.log");
        Path folder = dir.resolve("bundles");
        LogOutput.ofProcess().openFile(log, 1 << 20);
        try (var drop = new DropFolder(context, folder)) {
            Files.delete(folder);
            for (int i = 0; i < 3; i++) {
                drop.follow();
            }
            Files.createDirectory(folder);
            drop.follow();
            Files.delete(folder);
            drop.follow();
        } finally {
            LogOutput.ofProcess().closeFile();
        }
        assertThat(Files.readAllLines(log))
                .filteredOn(line -> line.contains("Cannot look into " + folder))
                .hasSize(2);
    }
}
