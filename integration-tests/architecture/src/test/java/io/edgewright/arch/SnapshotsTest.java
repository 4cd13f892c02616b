// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Element;

/** Reads the snapshots that integrators upload to Kura, which takes them unchecked, against our forms. */
class SnapshotsTest {

    private static final Path FOLDER = Path.of("../../kura-config/snapshots");
    private static final String FACTORY = "service.factoryPid";
    private static final String NAME = "kura.service.pid";

    private record Configuration(String pid, Map<String, Element> properties) {

        static Configuration of(Element element) {
            Map<String, Element> properties = Form.elements(element, "property").stream()
                    .collect(Collectors.toMap(
                            p -> p.getAttribute("name"), Function.identity(), (a, b) -> a, LinkedHashMap::new));
            return new Configuration(element.getAttribute("pid"), properties);
        }

        /** {@return the only value of a property; empty if it has none} */
        String value(String name) {
            Element property = properties.get(name);
            return property == null ? "" : values(property).get(0);
        }

        boolean isFactory() {
            return properties.containsKey(FACTORY);
        }

        String formPid() {
            return isFactory() ? value(FACTORY) : pid;
        }
    }

    @TestFactory
    Stream<DynamicTest> everyPropertyOfEverySnapshotFitsItsForm() throws IOException {
        Map<String, Form> forms = forms();
        return snapshots()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    List<Configuration> all = read(file);
                    assertThat(all).isNotEmpty().extracting(Configuration::pid).doesNotHaveDuplicates();
                    for (Configuration one : all) {
                        assertThat(forms).containsKey(one.formPid());
                        check(one, forms.get(one.formPid()));
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyApplicationFindsItsSourceAndItsDeploymentInItsSnapshot() throws IOException {
        return snapshots()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    List<Configuration> all = read(file);
                    for (Configuration one : all) {
                        checkFound(all, "io.edgewright.source.", one.value("source"));
                        checkFound(all, "io.edgewright.deployment", one.value("deployment"));
                    }
                }));
    }

    private static void checkFound(List<Configuration> all, String factory, String name) {
        if (!name.isEmpty()) {
            assertThat(all)
                    .filteredOn(c -> c.formPid().startsWith(factory))
                    .extracting(c -> c.value("name"))
                    .contains(name);
        }
    }

    private static void check(Configuration configuration, Form form) {
        assertThat(configuration.value(NAME)).isEqualTo(configuration.pid());
        assertThat(configuration.isFactory())
                .as("%s has a factory", configuration.pid())
                .isEqualTo(form.factory());
        Map<String, Element> settings = new HashMap<>();
        form.settings().forEach(s -> settings.put(s.getAttribute("id"), s));
        configuration.properties().forEach((name, property) -> {
            assertThat(property.getAttribute("encrypted")).as(name).isEqualTo("false");
            if (name.equals(FACTORY) || name.equals(NAME)) {
                return;
            }
            assertThat(settings).as(form.pid()).containsKey(name);
            Element setting = settings.get(name);
            assertThat(property.getAttribute("type")).as(name).isEqualTo(setting.getAttribute("type"));
            assertThat(property.getAttribute("array"))
                    .as("%s is a list", name)
                    .isEqualTo(Boolean.toString(
                            !setting.getAttribute("cardinality").isEmpty()));
            values(property).forEach(value -> Form.checkValue(setting, value));
        });
    }

    private static List<String> values(Element property) {
        return Form.elements(property, "value").stream()
                .map(Element::getTextContent)
                .toList();
    }

    private static List<Configuration> read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Element root = Form.parse(in, file.toString()).getDocumentElement();
            assertThat(root.getNamespaceURI()).isEqualTo("http://eurotech.com/esf/2.0");
            assertThat(root.getLocalName()).isEqualTo("configurations");
            return Form.elements(root, "configuration").stream()
                    .map(Configuration::of)
                    .toList();
        }
    }

    private static Stream<Path> snapshots() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<Path> found = files.sorted().toList();
            assertThat(found).isNotEmpty();
            return found.stream();
        }
    }

    private static Map<String, Form> forms() throws IOException {
        Map<String, Form> forms = new HashMap<>();
        for (Path jar : BuiltBundles.bundles().toList()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                for (JarEntry entry : file.stream()
                        .filter(e -> e.getName().matches("OSGI-INF/metatype/.*\\.xml"))
                        .toList()) {
                    Form form = Form.of(file, entry.getName());
                    forms.put(form.pid(), form);
                }
            }
        }
        return forms;
    }
}
