// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.mavenBundle;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ops4j.pax.exam.Option;

/**
 * What the container tests run on: the newest parts on Felix; on Equinox the Declarative Services, function and promise
 * bundles of an Eclipse Kura 5.5.
 */
final class Gateway {

    private static final boolean KURA_PARTS = "equinox".equals(System.getProperty("edgewright.it.platform"));

    private Gateway() {}

    /** {@return the platform and the core of Edgewright, with a home of its own} */
    static Option core() {
        return composite(
                KURA_PARTS ? kuraParts() : newestParts(),
                systemProperty("org.ops4j.pax.logging.DefaultServiceLog.level")
                        .value("INFO"), // else DEBUG, for Jetty too
                mavenBundle("org.ops4j.pax.logging", "pax-logging-api", "2.3.0"),
                mavenBundle("org.apache.felix", "org.apache.felix.configadmin", "1.9.26"),
                mavenBundle("org.apache.felix", "org.apache.felix.metatype", "1.2.4"),
                systemProperty("edgewright.home").value(newHome()),
                project("io.edgewright.api"),
                project("io.edgewright.testkit"),
                project("io.edgewright.onnx"),
                project("io.edgewright.onnxruntime"),
                project("io.edgewright.store.local"),
                project("io.edgewright.store.directory"),
                project("io.edgewright.isolation"),
                project("io.edgewright.accelerator.cpu"),
                project("io.edgewright.runtime"),
                project("io.edgewright.settings"),
                junitBundles());
    }

    /** {@return HTTP on a loopback port, with the dispatcher and its handlers} */
    static Option http(int port) {
        return composite(
                mavenBundle("org.apache.felix", "org.apache.felix.http.servlet-api", "6.1.0"),
                mavenBundle("org.apache.felix", "org.apache.felix.http.wrappers", "6.1.0"),
                mavenBundle("commons-io", "commons-io", "2.19.0"),
                mavenBundle("commons-fileupload", "commons-fileupload", "1.6.0"),
                mavenBundle("org.apache.felix", "org.apache.felix.http.jetty12", "1.1.8"),
                systemProperty("org.apache.felix.http.host").value("127.0.0.1"),
                systemProperty("org.osgi.service.http.port").value(Integer.toString(port)),
                project("io.edgewright.rest"),
                project("io.edgewright.metrics"),
                project("io.edgewright.console"),
                project("io.edgewright.http.jakarta"));
    }

    /** {@return the retail application with a rendered shop} */
    static Option retail() {
        return composite(
                project("io.edgewright.vision"),
                project("io.edgewright.source.shop"),
                project("io.edgewright.app.retail"));
    }

    /** {@return a bundle of this project} */
    static Option project(String name) {
        return bundle(Path.of("../../bundles", name, "target", name + "-0.1.0-SNAPSHOT.jar")
                .toUri()
                .toString());
    }

    private static Option newestParts() {
        return composite(
                mavenBundle("org.osgi", "org.osgi.util.function", "1.2.0"),
                mavenBundle("org.osgi", "org.osgi.util.promise", "1.3.0"),
                mavenBundle("org.osgi", "org.osgi.service.component", "1.5.1"),
                mavenBundle("org.apache.felix", "org.apache.felix.scr", "2.2.18"));
    }

    private static Option kuraParts() {
        return composite(
                mavenBundle("org.osgi", "org.osgi.util.function", "1.1.0"),
                mavenBundle("org.osgi", "org.osgi.util.promise", "1.1.1"),
                mavenBundle("org.osgi", "org.osgi.service.component", "1.4.0"),
                mavenBundle("org.apache.felix", "org.apache.felix.scr", "2.1.16"));
    }

    private static String newHome() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "home")
                    .toAbsolutePath()
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
