// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import ai.onnxruntime.OrtSession;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.onnxruntime.session.DefaultFeeds;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** Gives the child process its classes: ONNX Runtime's and the probe's own. */
final class ProbeClassPath {

    private ProbeClassPath() {}

    /**
     * {@return a class path}
     *
     * @param folder where a jar is written if the classes lie in bundles
     * @throws IOException if the classes cannot be found or the jar cannot be written
     */
    static String build(Path folder) throws IOException {
        Set<String> flat = new LinkedHashSet<>();
        for (Class<?> type : List.of(ProbeMain.class, OrtSession.class)) {
            String location = flatLocation(type);
            if (location == null) {
                return InBundles.jar(folder.resolve("probe.jar")).toString();
            }
            flat.add(location);
        }
        return String.join(File.pathSeparator, flat);
    }

    private static @Nullable String flatLocation(Class<?> type) {
        URL self = type.getResource(type.getSimpleName() + ".class");
        CodeSource source = type.getProtectionDomain().getCodeSource();
        boolean flat = self != null
                && (self.getProtocol().equals("jar") || self.getProtocol().equals("file"))
                && source != null
                && "file".equals(source.getLocation().getProtocol());
        return flat ? Path.of(URI.create(source.getLocation().toString())).toString() : null;
    }

    /** Apart, because there is no framework on a flat class path. */
    private static final class InBundles {

        static Path jar(Path target) throws IOException {
            var bytes = new ByteArrayOutputStream();
            try (var jar = new JarOutputStream(bytes)) {
                addAll(jar, OrtSession.class, "ai/onnxruntime");
                addAll(jar, DefaultFeeds.class, "io/edgewright/onnxruntime/session");
                addAll(jar, ProbeMain.class, "io/edgewright/accelerator/cpu");
            }
            DurableFiles.write(target, bytes.toByteArray());
            return target;
        }

        /** Whole packages: the compiler makes classes that nobody named. */
        private static void addAll(JarOutputStream jar, Class<?> type, String path) throws IOException {
            Bundle bundle = FrameworkUtil.getBundle(type);
            Enumeration<URL> entries = bundle == null ? null : bundle.findEntries(path, "*.class", true);
            if (entries == null) {
                throw new IOException("the bundle of " + type.getName() + " shows no classes in " + path);
            }
            while (entries.hasMoreElements()) {
                URL entry = entries.nextElement();
                jar.putNextEntry(new JarEntry(entry.getPath().replaceFirst("^/+", "")));
                try (InputStream in = entry.openStream()) {
                    in.transferTo(jar);
                }
                jar.closeEntry();
            }
        }
    }
}
