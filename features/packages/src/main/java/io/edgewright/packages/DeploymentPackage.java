// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import io.edgewright.api.config.Home;
import io.edgewright.packages.guard.Guard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.Manifest;

/**
 * Writes one package in the format of OSGi's Deployment Admin 1.1. It begins with a bundle that must start before anything
 * happens, and does not start where the package is older than an operator allows, nor, if it is for a platform, elsewhere: the
 * package is then refused and nothing changes.
 */
final class DeploymentPackage {

    private final PackageDefinition definition;
    private final String version;
    private final Optional<Platform> platform;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Manifest manifest = new Manifest();

    private DeploymentPackage(PackageDefinition definition, String version, Optional<Platform> platform) {
        this.definition = definition;
        this.version = version;
        this.platform = platform;
    }

    /** {@return the file that was written} */
    static Path write(
            PackageDefinition definition,
            List<BundleJar> bundles,
            String version,
            Optional<Platform> platform,
            Path folder)
            throws IOException {
        var deploymentPackage = new DeploymentPackage(definition, version, platform);
        deploymentPackage.headers();
        deploymentPackage.guard();
        for (BundleJar bundle : bundles) {
            byte[] content = platform.isPresent() ? bundle.contentFor(platform.get()) : bundle.content();
            deploymentPackage.add(bundle.name(), bundle.version(), content);
        }
        String suffix = platform.map(p -> "-" + p.label()).orElse("");
        Path file = Files.createDirectories(folder).resolve(definition.name() + suffix + "-" + version + ".dp");
        try (OutputStream out = Files.newOutputStream(file)) {
            deploymentPackage.writeTo(out);
        }
        return file;
    }

    private void headers() {
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("DeploymentPackage-SymbolicName", definition.name());
        headers.putValue("DeploymentPackage-Version", version);
        headers.putValue("DeploymentPackage-Name", definition.name());
        headers.putValue(
                "DeploymentPackage-Description",
                definition.description()
                        + platform.map(p -> " (" + p.label() + ")").orElse(""));
        headers.putValue("DeploymentPackage-License", "Apache-2.0");
    }

    private void guard() throws IOException {
        String name = definition.name() + (platform.isPresent() ? ".platform" : ".guard");
        var guard = new Manifest();
        Attributes headers = guard.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", name);
        headers.putValue(
                "Bundle-Name",
                definition.name() + platform.map(p -> " is for " + p.label()).orElse(""));
        headers.putValue("Bundle-Version", version);
        headers.putValue("Bundle-Activator", Guard.class.getName());
        headers.putValue("Import-Package", "org.osgi.framework;version=\"[1.8,2)\"");
        platform.ifPresent(only -> headers.putValue("Require-Capability", only.requirement()));
        var bytes = new ByteArrayOutputStream();
        try (var jar = new ReproducibleJar(bytes, guard)) {
            for (Class<?> type : List.of(Guard.class, Home.class)) { // its own Home: the API comes later
                String file = type.getName().replace('.', '/') + ".class";
                try (InputStream in = Objects.requireNonNull(type.getResourceAsStream("/" + file), file)) {
                    jar.add(file, in.readAllBytes());
                }
            }
        }
        add(name, version, bytes.toByteArray());
        manifest.getAttributes(name + ".jar").putValue("DeploymentPackage-Customizer", "true");
    }

    private void add(String name, String bundleVersion, byte[] content) {
        var section = new Attributes();
        section.putValue("Bundle-SymbolicName", name);
        section.putValue("Bundle-Version", bundleVersion);
        manifest.getEntries().put(name + ".jar", section);
        files.put(name + ".jar", content);
    }

    private void writeTo(OutputStream out) throws IOException {
        try (var jar = new ReproducibleJar(out, manifest)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                jar.add(file.getKey(), file.getValue());
            }
        }
    }
}
