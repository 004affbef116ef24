package dev.kmemu.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see whom; docs/architecture.md tells why. */
@AnalyzeClasses(
    packages = "dev.kmemu",
    importOptions = {ImportOption.DoNotIncludeTests.class, ModuleRulesTest.NoTestArchives.class})
class ModuleRulesTest {

  /** Leaves out the archives of other modules' test classes. */
  static final class NoTestArchives implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String[] JAVA = {"java..", "org.jspecify.."};

  @ArchTest
  static final ArchRule ONLY_THE_UNICORN_PACKAGE_SEES_JNA =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kmemu.emulator.unicorn")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.sun.jna..");

  @ArchTest
  static final ArchRule ONLY_THE_STUB_SEES_NETTY =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kmemu.gdb..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..");

  @ArchTest
  static final ArchRule ONLY_THE_CLUSTER_SEES_HAZELCAST =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kmemu.cluster..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.hazelcast..");

  @ArchTest
  static final ArchRule THE_EMULATOR_SEES_NO_OTHER_MODULE =
      noClasses()
          .that()
          .resideInAPackage("dev.kmemu.emulator..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.kmemu..").and(not(resideInAPackage("dev.kmemu.emulator.."))));

  @ArchTest
  static final ArchRule THE_VM_SEES_MEMORY_PAGE_TABLES_SNAPSHOTS_AND_THE_CPU_ONLY =
      noClasses()
          .that()
          .resideInAPackage("dev.kmemu.vm..")
          .should()
          .dependOnClassesThat(
              not(
                  resideInAnyPackage(JAVA)
                      .or(
                          resideInAnyPackage(
                              "dev.kmemu.vm..",
                              "dev.kmemu.emulator.memory",
                              "dev.kmemu.emulator.mmu",
                              "dev.kmemu.emulator.cpu",
                              "dev.kmemu.emulator.snapshot"))));

  @ArchTest
  static final ArchRule THE_STUB_SEES_THE_DEBUG_PACKAGE_AND_ITS_VOCABULARY_ONLY =
      noClasses()
          .that()
          .resideInAPackage("dev.kmemu.gdb..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.kmemu..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "dev.kmemu.gdb..",
                              "dev.kmemu.emulator.debug",
                              "dev.kmemu.emulator.cpu",
                              "dev.kmemu.emulator.memory"))));

  @ArchTest
  static final ArchRule THE_FIRMWARE_SEES_NOTHING =
      classes()
          .that()
          .resideInAPackage("dev.kmemu.firmware..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(JAVA).or(resideInAPackage("dev.kmemu.firmware..")));

  @ArchTest
  static final ArchRule ONLY_ITS_OWN_PACKAGE_SEES_THE_ENGINE =
      noClasses()
          .that()
          .resideInAPackage("dev.kmemu.emulator..")
          .and()
          .resideOutsideOfPackages("dev.kmemu.emulator.unicorn")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.kmemu.emulator.unicorn");

  @ArchTest
  static final ArchRule THE_EMULATORS_PACKAGES_FORM_NO_CYCLE =
      slices().matching("dev.kmemu.emulator.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule THE_STUBS_PACKAGES_FORM_NO_CYCLE =
      slices().matching("dev.kmemu.gdb.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule THE_TESTKITS_PACKAGES_FORM_NO_CYCLE =
      slices().matching("dev.kmemu.testkit.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_THE_TESTKITS_OWN_SIDE_OF_JUNIT_SEES_IT =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.kmemu.testkit",
              "dev.kmemu.testkit.guest",
              "dev.kmemu.testkit.gdb",
              "dev.kmemu.testkit.assembler")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.junit..", "org.assertj..");

  @ArchTest
  static final ArchRule NO_LIBRARY_CODE_ENDS_THE_PROCESS =
      noClasses().should().callMethod(System.class, "exit", int.class);
}
