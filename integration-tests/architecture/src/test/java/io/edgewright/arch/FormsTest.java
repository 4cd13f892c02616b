// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import static io.edgewright.arch.BuiltBundles.bundles;
import static io.edgewright.arch.BuiltBundles.header;
import static io.edgewright.arch.BuiltBundles.test;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.osgi.framework.Constants;
import org.w3c.dom.Element;

/** Walks every PID of every bundle: what Kura and an operator rely on in a form and in the component behind it. */
class FormsTest {

    @TestFactory
    Stream<DynamicTest> everyFormLiesWhereKuraLooksAndNamesItsComponent() throws IOException {
        return forms((jar, form) -> {
            assertThat(form.entry()).isEqualTo("OSGI-INF/metatype/" + form.pid() + ".xml");
            assertThat(form.definition().getAttribute("id")).isEqualTo(form.pid());
            Element component = form.component();
            assertThat(component.getAttribute("name")).isEqualTo(form.pid());
            assertThat(component.getAttribute("configuration-pid")).isIn("", form.pid());
        });
    }

    @TestFactory
    Stream<DynamicTest> everyFormAndEverySettingIsDescribed() throws IOException {
        return forms((jar, form) -> {
            assertThat(form.definition().getAttribute("name")).as("name").isNotBlank();
            assertThat(form.definition().getAttribute("description"))
                    .as("description of %s", form.pid())
                    .isNotBlank();
            for (Element setting : form.settings()) {
                String id = setting.getAttribute("id");
                assertThat(setting.getAttribute("name")).as("name of %s", id).isNotBlank();
                assertThat(setting.getAttribute("description"))
                        .as("description of %s", id)
                        .isNotBlank();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> everyDefaultFitsItsOwnForm() throws IOException {
        return forms((jar, form) -> form.settings().forEach(FormsTest::checkDefault));
    }

    @TestFactory
    Stream<DynamicTest> componentsWithAFormAreShownOnceByKura() throws IOException {
        return forms((jar, form) -> {
            List<Element> properties = Form.elements(form.component(), "property");
            assertThat(properties).extracting(p -> p.getAttribute("name")).doesNotContain("service.pid");
            boolean marksItself = Form.elements(form.component(), "provide").stream()
                    .anyMatch(p -> p.getAttribute("interface").startsWith("org.eclipse.kura.configuration."));
            if (!Form.elements(form.component(), "provide").isEmpty() && !marksItself) {
                assertThat(properties).extracting(p -> p.getAttribute("name")).contains("kura.ui.service.hide");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> factoriesWaitForAConfiguration() throws IOException {
        return forms((jar, form) -> {
            if (form.factory()) {
                assertThat(form.component().getAttribute("configuration-policy"))
                        .isEqualTo("require");
            }
        });
    }

    /** The Kura bridge knows by it which bundles to look after. */
    @TestFactory
    Stream<DynamicTest> bundlesWithAFormUseTheApi() throws IOException {
        return forms(
                (jar, form) -> assertThat(header(jar, Constants.IMPORT_PACKAGE)).contains("io.edgewright.api."));
    }

    private static void checkDefault(Element setting) {
        if (!setting.hasAttribute("default")) {
            return;
        }
        String text = setting.getAttribute("default");
        boolean list = !setting.getAttribute("cardinality").isEmpty();
        for (String value : list && text.isEmpty() ? new String[0] : list ? text.split(",") : new String[] {text}) {
            Form.checkValue(setting, value);
        }
    }

    private static Stream<DynamicTest> forms(Check check) throws IOException {
        return bundles()
                .map(jar -> test(jar, () -> {
                    try (JarFile file = new JarFile(jar.toFile())) {
                        for (JarEntry entry : file.stream()
                                .filter(e -> e.getName().matches("OSGI-INF/metatype/.*\\.xml"))
                                .toList()) {
                            check.check(jar, Form.of(file, entry.getName()));
                        }
                    }
                }));
    }

    /** What one test asks of a form. */
    @FunctionalInterface
    private interface Check {
        void check(Path jar, Form form) throws IOException;
    }
}
