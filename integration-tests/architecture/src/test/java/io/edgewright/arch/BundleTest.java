// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import static io.edgewright.arch.BuiltBundles.bundles;
import static io.edgewright.arch.BuiltBundles.header;
import static io.edgewright.arch.BuiltBundles.nameOf;
import static io.edgewright.arch.BuiltBundles.test;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.osgi.framework.Constants;

/** Opens every bundle that was built and checks what Kura and a gateway rely on. */
class BundleTest {

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
}
