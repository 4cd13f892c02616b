// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Writes what lies beside a package, as a gateway is often offline: what it needs, which bundles it brings, and what their READMEs
 * say of settings and checks. Not in the package, where DeploymentAdmin would look for a processor of it.
 */
final class PackageReadme {

    private static final Pattern RELATIVE_LINK = Pattern.compile("\\[([^\\]]*)\\]\\((?!https?:)[^)]*\\)");

    private PackageReadme() {}

    /**
     * Writes it.
     *
     * @param modules the folder with a folder of each bundle
     * @return the file: the package's name with {@code .md}
     */
    static Path write(PackageDefinition definition, List<BundleJar> bundles, Path modules, Path folder)
            throws IOException {
        var text = new StringBuilder("# " + definition.name() + "\n\n" + definition.description() + ".\n\n");
        text.append(
                definition.needs().isEmpty()
                        ? "It needs no other package: install it first.\n\n"
                        : "Install before it: " + String.join(", ", definition.needs()) + ".\n\n");
        text.append("In the console of Eclipse Kura: *Packages*, *Install/Upgrade*.\n\n");
        text.append("| Bundle | Version |\n|--------|---------|\n");
        for (BundleJar bundle : bundles) {
            text.append("| `%s` | %s |%n".formatted(bundle.name(), bundle.version()));
        }
        for (BundleJar bundle : bundles) {
            Path readme = modules.resolve(bundle.name()).resolve("README.md");
            if (Files.exists(readme)) {
                text.append("\n---\n\n").append(alone(Files.readString(readme)));
            }
        }
        return Files.writeString(folder.resolve(definition.name() + ".md"), text);
    }

    /** {@return the text one level deeper, without links to files that are not here} */
    static String alone(String readme) {
        var text = new StringBuilder();
        boolean code = false;
        for (String line : readme.lines().toList()) {
            code ^= line.startsWith("```");
            boolean heading = !code && line.startsWith("#");
            text.append(heading ? "#" : "").append(line).append('\n');
        }
        return RELATIVE_LINK.matcher(text).replaceAll("$1");
    }
}
