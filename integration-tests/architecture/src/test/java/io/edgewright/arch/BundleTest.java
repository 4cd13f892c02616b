// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import static io.edgewright.arch.BuiltBundles.bundles;
import static io.edgewright.arch.BuiltBundles.clauses;
import static io.edgewright.arch.BuiltBundles.header;
import static io.edgewright.arch.BuiltBundles.nameOf;
import static io.edgewright.arch.BuiltBundles.test;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/** Opens every bundle that was built and checks what Kura and a gateway rely on. */
class BundleTest {

    /** What the core may import: packages that an Eclipse Kura 5.5 provides, with its versions. */
    private static final Map<String, Version> KURA = kuraPackages();

    /** The framework exports what the JDK exports. */
    private static final Set<String> JDK = ModuleLayer.boot().modules().stream()
            .flatMap(m -> m.getPackages().stream())
            .filter(p -> p.startsWith("javax.") || p.startsWith("org.w3c.") || p.startsWith("org.xml."))
            .collect(Collectors.toSet());

    /** What must resolve in Kura without anything else of ours. */
    private static final Stream<String> CORE = Stream.of(
            "api",
            "onnx",
            "onnxruntime",
            "vision",
            "isolation",
            "accelerator.cpu",
            "store.local",
            "store.directory",
            "runtime");

    @TestFactory
    Stream<DynamicTest> everyBundleIsNamedAfterItsFolder() throws IOException {
        return bundles()
                .map(jar -> test(jar, () -> assertThat(header(jar, Constants.BUNDLE_SYMBOLICNAME))
                        .isEqualTo(nameOf(jar))));
    }

    @TestFactory
    Stream<DynamicTest> noBundleNeedsMoreThanDeclarativeServices14() throws IOException {
        return bundles()
                .map(jar -> test(jar, () -> assertThat(header(jar, "Require-Capability"))
                        .doesNotContainPattern("osgi\\.component\\)\\(version>=1\\.([5-9])")));
    }

    @TestFactory
    Stream<DynamicTest> theCoreImportsOnlyWhatKuraProvides() {
        return CORE.map(name -> BuiltBundles.jar("io.edgewright." + name))
                .map(jar -> test(jar, () -> checkImports(jar)));
    }

    @TestFactory
    Stream<DynamicTest> noBundleCarriesOrExportsKurasClasses() throws IOException {
        return bundles()
                .map(jar -> test(jar, () -> {
                    assertThat(header(jar, Constants.EXPORT_PACKAGE)).doesNotContain("org.eclipse.kura");
                    try (JarFile file = new JarFile(jar.toFile())) {
                        assertThat(file.stream().map(e -> e.getName()).filter(n -> n.contains("org/eclipse/kura/")))
                                .isEmpty();
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> onlyTheKuraBundlesImportKura() throws IOException {
        return bundles()
                .filter(jar -> !nameOf(jar).startsWith("io.edgewright.kura."))
                .map(jar -> test(jar, () -> assertThat(header(jar, Constants.IMPORT_PACKAGE))
                        .doesNotContain("org.eclipse.kura")));
    }

    @TestFactory
    Stream<DynamicTest> noBundleCarriesMacOrWindowsLibraries() throws IOException {
        return bundles()
                .map(jar -> test(jar, () -> {
                    try (JarFile file = new JarFile(jar.toFile())) {
                        assertThat(file.stream()
                                        .map(e -> e.getName())
                                        .filter(n -> n.endsWith(".dylib") || n.endsWith(".dll") || n.contains(".dSYM")))
                                .isEmpty();
                    }
                }));
    }

    private static void checkImports(Path jar) throws IOException {
        for (String clause : clauses(header(jar, Constants.IMPORT_PACKAGE))) {
            String[] parts = clause.split(";");
            String name = parts[0].strip();
            boolean ours = name.startsWith("io.edgewright.") || name.startsWith("ai.onnxruntime");
            if (ours || JDK.contains(name) || clause.contains("optional")) {
                continue;
            }
            VersionRange range = Stream.of(parts)
                    .filter(p -> p.startsWith("version="))
                    .map(p -> new VersionRange(p.substring(8).replace("\"", "")))
                    .findFirst()
                    .orElse(new VersionRange("0"));
            assertThat(KURA).as("packages that Kura provides").containsKey(name);
            assertThat(range.includes(KURA.get(name)))
                    .as("%s imports %s %s, Kura provides %s", nameOf(jar), name, range, KURA.get(name))
                    .isTrue();
        }
    }

    private static Map<String, Version> kuraPackages() {
        try (InputStream in = BundleTest.class.getResourceAsStream("kura-5.5-packages.tsv")) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t"))
                    .collect(Collectors.toMap(l -> l[0], l -> new Version(l[1]), (a, b) -> a.compareTo(b) > 0 ? a : b));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
