// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** A form of a bundle, and the component behind it. */
record Form(String entry, String pid, boolean factory, Element definition, Element component) {

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
        try (InputStream in = file.getInputStream(file.getEntry(name))) {
            return parse(in, name);
        }
    }

    static Document parse(InputStream in, String name) throws IOException {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        try {
            return factory.newDocumentBuilder().parse(in);
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(name + " is not well-formed", e);
        }
    }

    /** Checks that a setting may have this value. */
    static void checkValue(Element setting, String value) {
        String id = setting.getAttribute("id");
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

    private static void checkNumber(Element setting, BigDecimal value) {
        String id = setting.getAttribute("id");
        if (setting.hasAttribute("min")) {
            assertThat(value).as(id).isGreaterThanOrEqualTo(new BigDecimal(setting.getAttribute("min")));
        }
        if (setting.hasAttribute("max")) {
            assertThat(value).as(id).isLessThanOrEqualTo(new BigDecimal(setting.getAttribute("max")));
        }
    }

    static List<Element> elements(Element parent, String name) {
        NodeList nodes = parent.getElementsByTagNameNS("*", name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
