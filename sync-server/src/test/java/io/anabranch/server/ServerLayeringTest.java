// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What may lean on what in the relay and the command line. */
@AnalyzeClasses(
        packages = {"io.anabranch.server", "io.anabranch.cli"},
        importOptions = ImportOption.DoNotIncludeTests.class)
class ServerLayeringTest {
    @ArchTest
    static final ArchRule theRelayDoesNotKnowTheCommandLine = noClasses()
            .that()
            .resideInAPackage("io.anabranch.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.anabranch.cli..");

    @ArchTest
    static final ArchRule whatIsKeptDoesNotKnowHowItIsServed = noClasses()
            .that()
            .resideInAPackage("io.anabranch.server.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.anabranch.server.http..", "io.javalin..", "org.eclipse.jetty..");

    @ArchTest
    static final ArchRule theRelayReadsHeadersAndNeverBodies = noClasses()
            .that()
            .resideInAPackage("io.anabranch.server..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("io\\.anabranch\\.sync\\.change\\.ChangeSet(Codec|Reader)");

    @ArchTest
    static final ArchRule bodiesAreShownToPeopleAndNowhereElseLookedInto = noClasses()
            .that()
            .resideInAPackage("io.anabranch.server..")
            .and()
            .doNotHaveSimpleName("ChangeRoutes")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.anabranch.sync.change.ChangeSetJson");

    @ArchTest
    static final ArchRule nobodyHereKnowsJdbc =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..");
}
