// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes every package that {@code packages.json} defines, and its README; run by the build. */
final class Packager {

    private Packager() {}

    /**
     * Called by the build. With the system properties {@code edgewright.sign.keystore}, {@code .alias} and
     * {@code .password.file} the packages are signed.
     *
     * @param arguments packages.json, the folder with the features, the one with the modules of the bundles, the one to
     *     write to, the Maven version
     * @throws IOException if something is missing or cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 5) {
            throw new IllegalArgumentException(
                    "%d arguments, expected 5: packages.json, features, bundles, target, version"
                            .formatted(arguments.length));
        }
        Path repository = Path.of(arguments[2]);
        String mavenVersion = arguments[4];
        Optional<Signer> signer = signer();
        for (PackageDefinition definition : PackageDefinition.read(Path.of(arguments[0]), Path.of(arguments[1]))) {
            List<BundleJar> bundles = new ArrayList<>();
            for (String name : definition.bundles()) {
                bundles.add(BundleJar.built(repository, name, mavenVersion));
            }
            for (Path written :
                    write(definition, bundles, mavenVersion.replace('-', '.'), signer, Path.of(arguments[3]))) {
                System.out.printf("%-50s %,12d bytes%n", written.getFileName(), Files.size(written));
            }
            PackageReadme.write(definition, bundles, repository, Path.of(arguments[3]));
        }
    }

    private static List<Path> write(
            PackageDefinition definition, List<BundleJar> bundles, String version, Optional<Signer> signer, Path target)
            throws IOException {
        List<Path> written = new ArrayList<>();
        if (bundles.stream().anyMatch(BundleJar::carriesNatives)) {
            for (Platform platform : Platform.values()) {
                written.add(DeploymentPackage.write(definition, bundles, version, Optional.of(platform), target));
            }
        } else {
            written.add(DeploymentPackage.write(definition, bundles, version, Optional.empty(), target));
        }
        if (signer.isPresent()) {
            for (Path file : written) {
                signer.get().sign(file);
            }
        }
        return written;
    }

    private static Optional<Signer> signer() throws IOException {
        String keyStore = System.getProperty("edgewright.sign.keystore", "");
        if (keyStore.isEmpty()) {
            return Optional.empty();
        }
        Path passwordFile = Path.of(System.getProperty("edgewright.sign.password.file", ""));
        char[] password = Files.readString(passwordFile).strip().toCharArray();
        return Optional.of(Signer.of(Path.of(keyStore), System.getProperty("edgewright.sign.alias", ""), password));
    }
}
