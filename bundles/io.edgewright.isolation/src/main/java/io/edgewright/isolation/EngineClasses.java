// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.isolation.Engine;
import io.edgewright.api.isolation.EngineSpec;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.zip.Deflater;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Gives a process its classes. In a framework: a jar of those in the engine's bundle, in this one, and in all bundles that they
 * are wired to, written once for each state of them. On a flat class path: that class path.
 */
final class EngineClasses {

    private EngineClasses() {}

    /**
     * {@return a class path}
     *
     * @param folder where a jar is written if the classes lie in bundles
     * @throws IOException if the classes cannot be found or the jar cannot be written
     */
    static String path(EngineSpec engine, Path folder) throws IOException {
        Set<String> flat = new LinkedHashSet<>();
        for (Class<?> type : List.of(EngineMain.class, engine.type(), Engine.class)) {
            CodeSource source = type.getProtectionDomain().getCodeSource();
            if (!isFlat(type) || source == null) {
                return InBundles.jar(engine.type(), folder).toString();
            }
            flat.add(Path.of(URI.create(source.getLocation().toString())).toString());
        }
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
            flat.add(Path.of(entry).toAbsolutePath().toString()); // the process has a folder of its own
        }
        return String.join(File.pathSeparator, flat);
    }

    private static boolean isFlat(Class<?> type) {
        String name = type.getName();
        URL self = type.getResource(name.substring(name.lastIndexOf('.') + 1) + ".class");
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return self != null
                && (self.getProtocol().equals("jar") || self.getProtocol().equals("file"))
                && source != null
                && "file".equals(source.getLocation().getProtocol());
    }

    /** Apart, because there is no framework on a flat class path. */
    private static final class InBundles {

        /** A framework's log does not work without it; the child gets the plain classes that this bundle carries. */
        private static final String LOG = "org/slf4j/";

        private static final List<String> LIBRARIES = List.of(".so", ".dll", ".dylib", ".jnilib", ".a");

        /** They speak of another jar. */
        private static final List<String> HEADERS = List.of("manifest.mf", ".sf", ".rsa", ".dsa", ".ec");

        static Path jar(Class<?> engine, Path folder) throws IOException {
            Set<Bundle> bundles = new LinkedHashSet<>();
            collect(bundleOf(engine), bundles);
            collect(bundleOf(EngineMain.class), bundles);
            Path jar = folder.resolve("classes-" + state(bundles) + ".jar");
            synchronized (EngineClasses.class) {
                if (!Files.exists(jar)) {
                    write(bundles, jar);
                }
            }
            return jar;
        }

        private static String state(Set<Bundle> bundles) {
            var state = new StringBuilder();
            for (Bundle bundle : bundles) {
                state.append(bundle.getBundleId()).append('-');
                state.append(Long.toString(bundle.getLastModified(), Character.MAX_RADIX))
                        .append('-');
            }
            return UUID.nameUUIDFromBytes(state.toString().getBytes(StandardCharsets.UTF_8))
                    .toString();
        }

        private static Bundle bundleOf(Class<?> type) throws IOException {
            Bundle bundle = FrameworkUtil.getBundle(type);
            if (bundle == null) {
                throw new IOException(type.getName() + " is in no bundle, and its file is not known either");
            }
            return bundle;
        }

        private static void collect(Bundle first, Set<Bundle> bundles) {
            Deque<Bundle> left = new ArrayDeque<>(List.of(first));
            while (!left.isEmpty()) {
                Bundle bundle = left.remove();
                BundleWiring wiring = bundle.adapt(BundleWiring.class);
                if (bundle.getBundleId() == 0 || wiring == null || !bundles.add(bundle)) {
                    continue;
                }
                for (BundleWire wire : wiring.getRequiredWires(null)) {
                    if (gives(wire)) {
                        left.add(wire.getProvider().getBundle());
                    }
                }
            }
        }

        private static boolean gives(BundleWire wire) {
            String namespace = wire.getCapability().getNamespace();
            Object name = wire.getCapability().getAttributes().get(namespace);
            return namespace.equals(BundleNamespace.BUNDLE_NAMESPACE)
                    || (namespace.equals(PackageNamespace.PACKAGE_NAMESPACE)
                            && !String.valueOf(name).startsWith("org.slf4j"));
        }

        private static void write(Set<Bundle> bundles, Path target) throws IOException {
            Path temporary = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID());
            Set<String> names = new HashSet<>();
            try {
                try (var jar = new JarOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)))) {
                    jar.setLevel(Deflater.NO_COMPRESSION);
                    for (Bundle bundle : bundles) {
                        add(bundle, bundle.equals(bundleOf(EngineMain.class)), jar, names);
                    }
                }
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        }

        private static void add(Bundle bundle, boolean own, JarOutputStream jar, Set<String> names) throws IOException {
            var entries = bundle.findEntries("/", "*", true);
            for (URL entry : entries == null ? List.<URL>of() : Collections.list(entries)) {
                String name = entry.getPath().replaceFirst("^/+", "");
                boolean foreignLog = name.startsWith(LOG) && !own;
                if (foreignLog || !isWanted(name) || !names.add(name)) {
                    continue;
                }
                jar.putNextEntry(new JarEntry(name));
                try (InputStream in = entry.openStream()) {
                    in.transferTo(jar);
                }
                jar.closeEntry();
            }
        }

        private static boolean isWanted(String name) {
            String file = name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
            boolean library = file.contains(".so.") || LIBRARIES.stream().anyMatch(file::endsWith);
            boolean header = name.startsWith("META-INF/") && HEADERS.stream().anyMatch(file::endsWith);
            return !name.endsWith("/") && !library && !header && !name.startsWith("OSGI-INF/");
        }
    }
}
