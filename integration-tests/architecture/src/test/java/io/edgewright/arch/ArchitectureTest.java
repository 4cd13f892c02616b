// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;

@AnalyzeClasses(packages = "io.edgewright", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String API = "io.edgewright.api";

    /** Bundles that others may use beside the API. */
    private static final Set<String> LIBRARIES =
            Set.of("io.edgewright.onnx", "io.edgewright.onnxruntime", "io.edgewright.vision");

    /** The command line is no bundle: it may print. */
    private static final Set<String> PROGRAMS = Set.of("io.edgewright.launcher");

    @ArchTest
    static final ArchRule apiKnowsOnlyTheJdk = classes()
            .that()
            .resideInAPackage("io.edgewright.api..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "io.edgewright.api..", "org.jspecify..", "org.osgi.annotation..");

    @ArchTest
    static final ArchRule onlyTheKuraBundlesKnowKura = noClasses()
            .that()
            .resideOutsideOfPackage("io.edgewright.kura..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.kura..");

    @ArchTest
    static final ArchRule onlyAdaptersKnowServlets = noClasses()
            .that()
            .resideOutsideOfPackages("io.edgewright.http..", "io.edgewright.kura..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.servlet..", "javax.servlet..", "jakarta.ws..", "javax.ws..");

    @ArchTest
    static final ArchRule onlyOneBundleOwnsTheOnnxRuntimeEnvironment = noClasses()
            .that()
            .resideOutsideOfPackage("io.edgewright.onnxruntime..")
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "OrtEnvironment is created",
                    call -> call.getTargetOwner().getFullName().equals("ai.onnxruntime.OrtEnvironment")
                            && call.getName().equals("getEnvironment")));

    @ArchTest
    static final ArchRule bundlesMeetOnlyInTheApi = slices().assignedFrom(new Bundles())
            .should()
            .notDependOnEachOther()
            .ignoreDependency(DescribedPredicate.alwaysTrue(), library());

    @ArchTest
    static final ArchRule noStandardStreams = noClasses()
            .that(DescribedPredicate.describe(
                    "are part of a bundle", c -> !PROGRAMS.contains(Bundles.rootOf(c.getPackageName()))))
            .should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule noGenericExceptions = NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;

    private static DescribedPredicate<JavaClass> library() {
        return DescribedPredicate.describe("are in the API or a library bundle", c -> {
            String root = Bundles.rootOf(c.getPackageName());
            return root.equals(API) || LIBRARIES.contains(root);
        });
    }

    /** One slice for each bundle: its root package is its name. */
    private static final class Bundles implements SliceAssignment {

        private static final List<String> FAMILIES =
                List.of("accelerator", "app", "event", "http", "kura", "pass", "source", "store", "update");

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            boolean ours = type.getPackageName().startsWith("io.edgewright.");
            return ours ? SliceIdentifier.of(rootOf(type.getPackageName())) : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "bundles";
        }

        static String rootOf(String packageName) {
            String[] parts = packageName.split("\\.");
            if (parts.length < 3) {
                return packageName;
            }
            int length = FAMILIES.contains(parts[2]) && parts.length > 3 ? 4 : 3;
            return String.join(".", List.of(parts).subList(0, length));
        }
    }
}
