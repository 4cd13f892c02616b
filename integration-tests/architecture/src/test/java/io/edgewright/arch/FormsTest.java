// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import static io.edgewright.arch.BuiltBundles.bundles;
import static io.edgewright.arch.BuiltBundles.header;
import static io.edgewright.arch.BuiltBundles.test;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.osgi.framework.Constants;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

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
            List<Element> properties = elements(form.component(), "property");
            assertThat(properties).extracting(p -> p.getAttribute("name")).doesNotContain("service.pid");
            boolean marksItself = elements(form.component(), "provide").stream()
                    .anyMatch(p -> p.getAttribute("interface").startsWith("org.eclipse.kura.configuration."));
            if (!elements(form.component(), "provide").isEmpty() && !marksItself) {
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
        String id = setting.getAttribute("id");
        if (!setting.hasAttribute("default")) {
            return;
        }
        String text = setting.getAttribute("default");
        boolean list = !setting.getAttribute("cardinality").isEmpty();
        for (String value : list && text.isEmpty() ? new String[0] : list ? text.split(",") : new String[] {text}) {
            List<Element> options = elements(setting, "Option");
            if (!options.isEmpty()) {
                assertThat(options)
                        .as("options of %s", id)
                        .extracting(o -> o.getAttribute("value"))
                        .contains(value);
            }
            switch (setting.getAttribute("type")) {
                case "Integer", "Long", "Short", "Byte" ->
                    checkNumber(setting, new BigDecimal(new BigDecimal(value).toBigIntegerExact()));
                case "Double", "Float" -> checkNumber(setting, new BigDecimal(value));
                case "Boolean" -> assertThat(value).as(id).isIn("true", "false");
                default -> {}
            }
        }
    }

    private static void checkNumber(Element setting, BigDecimal value) {
        String id = setting.getAttribute("id");
        if (setting.hasAttribute("min")) {
            assertThat(value).as(id).isGreaterThanOrEqualTo(new BigDecimal(setting.getAttribute("min")));
        }
        if (setting.hasAttribute("max")) {
            assertThat(value).as(id).isLessThanOrEqualTo(new BigDecimal(setting.getAttribute("max")));
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

    private static List<Element> elements(Element parent, String name) {
        NodeList nodes = parent.getElementsByTagNameNS("*", name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    /** What one test asks of a form. */
    @FunctionalInterface
    private interface Check {
        void check(Path jar, Form form) throws IOException;
    }

    private record Form(String entry, String pid, boolean factory, Element definition, Element component) {

        static Form of(JarFile file, String entry) throws IOException {
            Element root = parse(file, entry).getDocumentElement();
            Element designate = elements(root, "Designate").get(0);
            boolean factory = designate.hasAttribute("factoryPid");
            String pid = designate.getAttribute(factory ? "factoryPid" : "pid");
            Element component = parse(file, "OSGI-INF/" + pid + ".xml").getDocumentElement();
            return new Form(entry, pid, factory, elements(root, "OCD").get(0), component);
        }

        List<Element> settings() {
            return elements(definition, "AD");
        }

        private static Document parse(JarFile file, String name) throws IOException {
            assertThat(file.getEntry(name)).as(name).isNotNull();
            var factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            try (InputStream in = file.getInputStream(file.getEntry(name))) {
                return factory.newDocumentBuilder().parse(in);
            } catch (ParserConfigurationException | SAXException e) {
                throw new IOException(name + " is not well-formed", e);
            }
        }
    }
}
