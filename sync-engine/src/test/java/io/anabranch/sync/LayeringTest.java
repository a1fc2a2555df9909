// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.io.Serializable;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * What may lean on what. The pure packages answer from their arguments alone: they read no file, no
 * network and no clock, and they wait for nobody. Only one package knows JDBC, since Android has no driver.
 *
 * <p>A package that does not exist yet breaks no rule.
 */
@AnalyzeClasses(
        packages = "io.anabranch",
        importOptions = {ImportOption.DoNotIncludeTests.class, LayeringTest.NoTestJars.class})
class LayeringTest {
    private static final String CRDT = "io.anabranch.crdt..";
    private static final String CHANGE = "io.anabranch.sync.change..";
    private static final String SESSION = "io.anabranch.sync.session..";
    private static final String JDBC = "io.anabranch.sync.jdbc..";

    @ArchTest
    static final ArchRule crdtNeedsOnlyTheJdk = classes()
            .that()
            .resideInAPackage(CRDT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(CRDT, "java..", "org.jspecify..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule changeNeedsOnlyCrdt = noClasses()
            .that()
            .resideInAPackage(CHANGE)
            .should()
            .dependOnClassesThat(oursOutside(CHANGE, CRDT))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule sessionNeedsOnlyChangeAndCrdt = noClasses()
            .that()
            .resideInAPackage(SESSION)
            .should()
            .dependOnClassesThat(oursOutside(SESSION, CHANGE, CRDT))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule pureCodeDoesNoInputOrOutput =
            noPureClasses().should().dependOnClassesThat(inputOrOutput()).allowEmptyShould(true);

    @ArchTest
    static final ArchRule pureCodeStartsNoThread =
            noPureClasses().should().dependOnClassesThat(threads()).allowEmptyShould(true);

    @ArchTest
    static final ArchRule pureCodeIsToldTheTime =
            noPureClasses().should().accessTargetWhere(asksForTheTime()).allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyThatOnePackageKnowsJdbc = noClasses()
            .that()
            .resideOutsideOfPackage(JDBC)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..")
            .allowEmptyShould(true);

    /** Low to high: each package of the store uses only those before it. */
    private static final List<String> STORE = List.of(
            "io.anabranch.sync.store.schema",
            "io.anabranch.sync.store.log",
            "io.anabranch.sync.store.capture",
            "io.anabranch.sync.store.rule",
            "io.anabranch.sync.store.catalog",
            "io.anabranch.sync.store.row",
            "io.anabranch.sync.store.history",
            "io.anabranch.sync.store.apply",
            "io.anabranch.sync.store.seal",
            "io.anabranch.sync.store.enrol",
            "io.anabranch.sync.store.snapshot",
            "io.anabranch.sync.store");

    @ArchTest
    static void arrowsInTheStoreGoDown(JavaClasses classes) {
        for (int i = 0; i < STORE.size() - 1; i++) {
            String[] above = STORE.subList(i + 1, STORE.size()).toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(STORE.get(i))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .check(classes);
        }
    }

    private static GivenClassesConjunction noPureClasses() {
        return noClasses().that().resideInAnyPackage(CRDT, CHANGE, SESSION);
    }

    private static DescribedPredicate<JavaClass> oursOutside(String... packages) {
        return resideInAPackage("io.anabranch..").and(resideOutsideOfPackages(packages));
    }

    private static DescribedPredicate<JavaClass> inputOrOutput() {
        return JavaClass.Predicates.resideInAnyPackage(
                        "java.io..",
                        "java.net..",
                        "java.nio.channels..",
                        "java.nio.file..",
                        "java.sql..",
                        "javax.sql..")
                // The compiler itself names it, for a lambda that is also Serializable.
                .and(DescribedPredicate.not(JavaClass.Predicates.type(Serializable.class)));
    }

    private static DescribedPredicate<JavaClass> threads() {
        return JavaClass.Predicates.assignableTo(Executor.class)
                .or(JavaClass.Predicates.assignableTo(Thread.class))
                .or(JavaClass.Predicates.assignableTo(Timer.class))
                .or(JavaClass.Predicates.type(CompletableFuture.class))
                .or(JavaClass.Predicates.type(Executors.class));
    }

    /** Method references count too, which is why this looks at accesses and not at calls. */
    private static DescribedPredicate<JavaAccess<?>> asksForTheTime() {
        Set<String> ofSystem = Set.of("currentTimeMillis", "nanoTime");
        return describe("the target is the current time", access -> {
            JavaClass owner = access.getTargetOwner();
            String name = access.getTarget().getName();
            return (owner.isEquivalentTo(System.class) && ofSystem.contains(name))
                    || (owner.isEquivalentTo(Clock.class) && (name.startsWith("system") || name.startsWith("tick")))
                    || (owner.getPackageName().startsWith("java.time") && name.equals("now"));
        });
    }

    /** The fakes and laws that another module lends come as a jar, which ArchUnit takes for the real thing. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }
}
