// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.isolation.Engine;
import io.edgewright.testkit.FileModel;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a framework does when it refreshes the bundle: the same classes once more, by another class loader. */
class ReloadTest {

    @TempDir
    Path dir;

    @Test
    void worksInSeveralClassLoadersAtOnce() throws Exception {
        Path library = Drivers.library();
        FileModel model = FileModel.write(
                dir, "m.pt", "torchscript", ScriptWriter.forward("x: Tensor", "Tensor", "return torch.add(x, 1)"));
        List<ModelSession> sessions = new ArrayList<>();
        List<URLClassLoader> loaders = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                var loader = new OwnClasses();
                loaders.add(loader);
                var constructor = loader.loadClass(TorchEngine.class.getName()).getDeclaredConstructor();
                constructor.setAccessible(true);
                var engine = (Engine) constructor.newInstance();
                assertThat(engine.getClass()).isNotEqualTo(TorchEngine.class);
                Map<String, String> found = engine.start(Map.of(TorchEngine.LIBRARY, library.toString()));
                assertThat(found).containsEntry("torch.version", "2.10.0");
                sessions.add(engine.load(model, "", LoadOptions.DEFAULT));
            }
            for (ModelSession session : sessions) {
                try (Slot slot = session.openSlot(Map.of("x", List.of(2L)))) {
                    slot.input("x").floatBuffer().put(0, 41);
                    slot.run(Deadline.NONE);
                    assertThat(slot.output("output_0").toFloats()).containsExactly(42, 1);
                }
            }
        } finally {
            sessions.forEach(ModelSession::close);
            for (URLClassLoader loader : loaders) {
                loader.close();
            }
        }
        try (Stream<Path> files = Files.list(library)) {
            assertThat(files).noneMatch(f -> f.getFileName().toString().startsWith("copy-"));
        }
    }

    /** Loads the driver and what is private to its bundle by itself, the rest as everybody else. */
    private static final class OwnClasses extends URLClassLoader {

        OwnClasses() throws IOException {
            super(classPath(), OwnClasses.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.bytedeco.") || name.startsWith("io.edgewright.accelerator.torch.")) {
                synchronized (getClassLoadingLock(name)) {
                    Class<?> known = findLoadedClass(name);
                    return known != null ? known : findClass(name);
                }
            }
            return super.loadClass(name, resolve);
        }

        private static URL[] classPath() throws MalformedURLException {
            List<URL> urls = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }
    }
}
