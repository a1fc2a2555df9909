// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private final JavaClasses code = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.anabranch.crdt");

    @Test
    void theModuleIsPureAndDependsOnNothing() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.anabranch.crdt..",
                        "java.lang..",
                        "java.math",
                        "java.nio",
                        "java.nio.charset",
                        "java.util",
                        "java.util.function",
                        "org.jspecify.annotations")
                .check(code);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(code);
        noClasses().should().callMethod(System.class, "nanoTime").check(code);
    }

    @Test
    void packagesDoNotDependOnEachOtherInACircle() {
        slices().matching("io.anabranch.crdt.(*)..").should().beFreeOfCycles().check(code);
    }
}
