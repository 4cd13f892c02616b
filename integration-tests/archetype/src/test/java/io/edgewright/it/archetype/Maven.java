// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.archetype;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The Maven that runs this test, in a process of its own. It reads what this build has just made from a local repository of
 * its own, and everything else from the one of this build: nothing needs to be installed, and nothing is.
 */
final class Maven {

    /** The version of the plugin that generates projects; the archetype itself needs no plugin. */
    private static final String PLUGIN = "org.apache.maven.plugins:maven-archetype-plugin:3.4.1:";

    private static final Path ROOT = Path.of(property("root"));
    private static final String VERSION = property("version");
    private static final long LIMIT_MINUTES = 15;

    private final Path repository;

    private Maven(Path repository) {
        this.repository = repository;
    }

    /** {@return a Maven whose repository holds the archetype and what generated drivers need} */
    static Maven create(Path repository) throws IOException {
        var maven = new Maven(repository);
        maven.put("edgewright", ROOT, false);
        maven.put("io.edgewright.bundle-parent", ROOT.resolve("bundles"), false);
        maven.put("io.edgewright.plugin-parent", ROOT.resolve("bundles/plugin-parent"), false);
        maven.put("io.edgewright.api", ROOT.resolve("bundles/io.edgewright.api"), true);
        maven.put("io.edgewright.testkit", ROOT.resolve("bundles/io.edgewright.testkit"), true);
        maven.put("io.edgewright.archetype.accelerator", ROOT.resolve("archetypes/accelerator"), true);
        return maven;
    }

    /** Makes a project of the archetype in a folder of that name, with a package of that name. */
    void generate(Path parent, String name) throws IOException, InterruptedException {
        run(
                parent,
                PLUGIN + "generate",
                "-DinteractiveMode=false",
                "-DarchetypeCatalog=internal",
                "-DarchetypeGroupId=io.edgewright",
                "-DarchetypeArtifactId=io.edgewright.archetype.accelerator",
                "-DarchetypeVersion=" + VERSION,
                "-DgroupId=com.example",
                "-DartifactId=" + name,
                "-Dpackage=" + name,
                "-Dversion=1.0.0-SNAPSHOT");
    }

    /** Runs goals; fails with all that Maven printed if it does not succeed. */
    void run(Path folder, String... goals) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(property("maven"), "bin", "mvn").toString(),
                "-B",
                "-ntp",
                "-Dstyle.color=never",
                "-Dmaven.repo.local=" + repository,
                "-Dmaven.repo.local.tail=" + property("repository")));
        if (property("offline").equals("offline: true")) {
            command.add("-o");
        }
        command.addAll(List.of(goals));
        Path log = folder.resolve("maven.log");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("MAVEN_ARGS");
        Process process = builder.start();
        try {
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                throw new AssertionError("not done in " + LIMIT_MINUTES + " minutes: " + Files.readString(log));
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(command + " failed: " + Files.readString(log));
        }
    }

    private void put(String artifact, Path module, boolean jar) throws IOException {
        String name = artifact + "-" + VERSION;
        Path folder = Files.createDirectories(
                repository.resolve("io/edgewright").resolve(artifact).resolve(VERSION));
        Files.copy(module.resolve("pom.xml"), folder.resolve(name + ".pom"), StandardCopyOption.REPLACE_EXISTING);
        if (jar) {
            Files.copy(
                    module.resolve("target").resolve(name + ".jar"),
                    folder.resolve(name + ".jar"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String property(String name) {
        String value = System.getProperty("edgewright.it." + name);
        if (value == null || value.isBlank()) {
            throw new IllegalStateException("edgewright.it." + name + " is not set: run this test by Maven");
        }
        return value;
    }
}
