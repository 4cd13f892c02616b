// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.archetype;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/write-a-driver.md} tells to do, done. */
@Timeout(1800)
class ArchetypeIT {

    private static final String NAME = "com.example.accelerator.mine";
    private static final Path GUIDE =
            Path.of(System.getProperty("edgewright.it.root", "../.."), "docs/write-a-driver.md");

    @TempDir
    static Path folder;

    private static Path project = Path.of("");

    @BeforeAll
    static void generateAndBuild() throws Exception {
        Maven maven = Maven.create(folder.resolve("repository"));
        maven.generate(folder, NAME);
        project = folder.resolve(NAME);
        maven.run(project, "verify");
    }

    @Test
    void aDriverIsOneClassAndTenLinesOfPom() throws IOException {
        try (Stream<Path> sources = Files.walk(project.resolve("src/main"))) {
            assertThat(sources.filter(Files::isRegularFile)
                            .map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("MineDriver.java", "package-info.java");
        }
        assertThat(Files.readAllLines(project.resolve("pom.xml"))).hasSize(10);
    }

    @Test
    void theDriverPassesTheContract() throws IOException {
        String report = Files.readString(project.resolve("target/surefire-reports/" + NAME + ".MineDriverTest.txt"));

        assertThat(report).contains("Failures: 0, Errors: 0");
        assertThat(Integer.parseInt(report.replaceAll("(?s).*Tests run: (\\d+),.*", "$1")))
                .isGreaterThan(15);
    }

    @Test
    void theBundleIsWhatADriverIsToBe() throws IOException {
        try (var jar = new JarFile(
                project.resolve("target/" + NAME + "-1.0.0-SNAPSHOT.jar").toFile())) {
            var headers = jar.getManifest().getMainAttributes();
            assertThat(headers.getValue("Bundle-SymbolicName")).isEqualTo(NAME);
            assertThat(headers.getValue("Service-Component")).isEqualTo("OSGI-INF/" + NAME + ".xml");
            assertThat(headers.getValue("Import-Package"))
                    .contains("io.edgewright.api.accelerator;version=\"[1.1,2)\"")
                    .doesNotContain("testkit", "runtime");
            assertThat(jar.getEntry("OSGI-INF/metatype/" + NAME + ".xml")).isNotNull();
        }
    }

    /** Each block of Java is in the generated files, word for word; a line of three dots stands for lines left out. */
    @Test
    void theGuideShowsWhatIsGenerated() throws IOException {
        String sources =
                words(Files.readString(project.resolve("src/main/java/com/example/accelerator/mine/MineDriver.java")))
                        + words(Files.readString(
                                project.resolve("src/test/java/com/example/accelerator/mine/MineDriverTest.java")));
        List<String> blocks = new ArrayList<>();
        for (String part : Files.readString(GUIDE).split("```java\n", -1)) {
            blocks.add(part.split("```", -1)[0]);
        }
        assertThat(blocks).hasSizeGreaterThan(5);
        for (String block : blocks.subList(1, blocks.size())) {
            for (String lines : block.split("(?m)^\\s*\\.\\.\\.\\s*$", -1)) {
                assertThat(sources).contains(words(lines));
            }
        }
        assertThat(words(Files.readString(GUIDE))).contains(words(Files.readString(project.resolve("pom.xml"))));
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", "");
    }
}
