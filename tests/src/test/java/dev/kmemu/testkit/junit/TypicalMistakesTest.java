package dev.kmemu.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.mmu.PageWalker;
import dev.kmemu.testkit.guest.CpuFeature;
import dev.kmemu.vm.KernelVm;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What users get wrong is answered with what to do. */
class TypicalMistakesTest {

  @KmemuTest
  static class OfOurs {
    @Test
    void test(PageWalker walker) {
      assertThat(walker).as("was never to be made").isNull();
    }
  }

  @KmemuTest
  static class OfNobodys {
    @Test
    void test(Thread thread) {
      assertThat(thread).as("was never to be made").isNull();
    }
  }

  @Test
  void aParameterThatCannotBeInjectedIsAnsweredWithThoseThatCan() {
    String list =
        "KernelVm, GuestCpu, Pmap (kernel_pmap), Gdb, Kmem, VmMap (kernel_map), Machine,"
            + " TestMachine";
    assertThat(InnerRun.of(OfOurs.class).failure())
        .hasMessageContaining(
            "a test can't have a parameter of type PageWalker; there are " + list);
    assertThat(InnerRun.of(OfNobodys.class).failure())
        .hasMessageContaining("No ParameterResolver registered")
        .hasMessageEndingWith("@KmemuTest has parameters of these types: " + list);
  }

  @KmemuTest
  static class ForAll {
    @BeforeAll
    static void before(KernelVm vm) {
      assertThat(vm).as("was never to be made").isNull();
    }

    @Test
    void test() {}
  }

  @KmemuTest
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class OneInstance {
    OneInstance(KernelVm vm) {
      assertThat(vm).as("was never to be made").isNull();
    }

    @Test
    void test() {}
  }

  @Test
  void aMachineForAllTestsOfAClassIsRefused() {
    assertThat(InnerRun.of(ForAll.class).failure())
        .hasMessageContaining("belongs to one test: take it as a parameter of the test method");
    assertThat(InnerRun.of(OneInstance.class).failure())
        .hasMessageContaining("belongs to one test: take it as a parameter of the test method");
  }

  @KmemuTest
  @CpuFeatures(on = CpuFeature.SMAP, off = CpuFeature.SMAP)
  static class OnAndOff {
    @Test
    void test(KernelVm vm) {
      assertThat(vm).as("was never to be made").isNull();
    }
  }

  @Ram("16M")
  @Target(ElementType.TYPE)
  @Retention(RetentionPolicy.RUNTIME)
  @interface Small {}

  @Ram("64M")
  @Target(ElementType.TYPE)
  @Retention(RetentionPolicy.RUNTIME)
  @interface Large {}

  @KmemuTest
  @Small
  @Large
  static class SmallAndLarge {
    @Test
    void test(KernelVm vm) {
      assertThat(vm).as("was never to be made").isNull();
    }
  }

  @KmemuTest
  static class CheckedAndNot {
    @Test
    @CheckInvariants
    @SkipInvariantCheck("why")
    void test(KernelVm vm) {
      assertThat(vm).as("was never to be made").isNull();
    }
  }

  @Test
  void contradictoryAnnotationsAreNamed() {
    assertThat(InnerRun.of(OnAndOff.class).failure())
        .hasMessageContaining("@CpuFeatures switches SMAP on and off: take it out of one");
    assertThat(InnerRun.of(SmallAndLarge.class).failure())
        .hasMessageContainingAll("contradictory", "16M", "64M", "leave one");
    assertThat(InnerRun.of(CheckedAndNot.class).failure())
        .hasMessageContaining("has both @SkipInvariantCheck and @CheckInvariants: take one");
  }

  @KmemuTest
  @Ram("8M")
  static class TooSmall {
    @Test
    void test(KernelVm vm) {
      assertThat(vm).as("was never to be made").isNull();
    }
  }

  @Test
  void aSizeOfRamThatNoMachineHasIsNamedWithItsLimits() {
    assertThat(InnerRun.of(TooSmall.class).failure())
        .hasMessageContaining("RAM of 8M: must be 16M to 64G, for example 64M");
  }

  @KmemuTest
  static class Plain {
    @Test
    void test(KernelVm vm) {
      assertThat(vm.check()).isEmpty();
    }
  }

  @Test
  void withoutALibraryTheMessageSaysWhereToGetOne() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dkmemu.unicorn=/no/libunicorn.so.2",
                "-cp",
                System.getProperty("java.class.path"),
                InnerRun.class.getName(),
                Plain.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(output)
        .contains("no guest can run: /no/libunicorn.so.2: no such file")
        .contains("apt-get install libunicorn2")
        .contains("KMEMU_UNICORN=/path/to/libunicorn.so.2")
        .contains("./kmemu setup");
  }
}
