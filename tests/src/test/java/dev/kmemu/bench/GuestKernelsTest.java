package dev.kmemu.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuestKernelsTest {

  private final Unicorn unicorn = UnicornLoader.load();
  private final GuestKernels kernels = new GuestKernels(null);
  private final BenchMachine machine = new BenchMachine(unicorn, kernels);
  private Optional<CFloor> floor = Optional.empty();

  @BeforeAll
  void startFloor() {
    floor = CFloor.start(unicorn.path(), kernels);
  }

  @AfterAll
  void close() {
    floor.ifPresent(CFloor::close);
    machine.close();
  }

  @Test
  void theSieveFindsThePrimesBelowTwoToTheTwentieth() {
    assertThat(machine.run("sieve", 1).result()).isEqualTo(82025);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "2, 1", "20, 6765"})
  void fibGivesFibonaccisNumbers(long n, long expected) {
    assertThat(machine.run("fib", n).result()).isEqualTo(expected);
  }

  @Test
  void movcopyAddsUpTheLastWordOfEachBlock() {
    long expected = 0;
    for (long word = 8; word <= (16 << 20) / 8; word += 8) {
      expected += word * 0x9E37_79B9_7F4A_7C15L;
    }
    assertThat(machine.run("movcopy", 1).result()).isEqualTo(expected);
  }

  @Test
  void everyPageThatIsTouchedFaultsOnce() {
    assertThat(machine.fault("touch", 100, 3).result()).isEqualTo(300);
  }

  @Test
  void everyWriteToThePortArrives() {
    assertThat(machine.out("outl", 1000).result()).isEqualTo(1000);
  }

  @Test
  void fourStepsAreOneRoundOfTheTightLoop() {
    assertThat(machine.step("tight", 400).result()).isEqualTo(100);
  }

  @ParameterizedTest
  @CsvSource({"sieve, 1", "fib, 15", "movcopy, 1", "interp, 1000", "touch, 16"})
  void theFloorComesToTheSameResult(String kernel, long n) {
    assertThat(floor().run(kernel, n).result()).isEqualTo(machine.run(kernel, n).result());
  }

  @Test
  void theFloorSeesTheSameFaultsWritesAndSteps() {
    assertThat(floor().fault("touch", 100, 3).result()).isEqualTo(300);
    assertThat(floor().out("outl", 1000).result()).isEqualTo(1000);
    assertThat(floor().step("tight", 400).result()).isEqualTo(100);
  }

  @Test
  void theFloorCountsInstructions() {
    // XOR before the loop, five for each page, RET and HLT behind it.
    assertThat(floor().countInstructions("touch", 10)).isEqualTo(1 + 5 * 10 + 1 + 1);
  }

  @Test
  void aGivenKernelStandsInForOurs(@TempDir Path directory) throws IOException {
    Files.write(directory.resolve("fib.bin"), new byte[] {0x6A, 0x2A, 0x58, (byte) 0xC3});
    try (BenchMachine other = new BenchMachine(unicorn, new GuestKernels(directory))) {
      assertThat(other.run("fib", 20).result()).as("push 42; pop rax; ret").isEqualTo(42);
      assertThat(other.run("sieve", 1).result()).as("not given").isEqualTo(82025);
    }
  }

  @Test
  void aKernelThatDoesntReturnIsAFailureThatNamesIt(@TempDir Path directory) throws IOException {
    Files.write(directory.resolve("fib.bin"), new byte[] {(byte) 0xF4});
    try (BenchMachine other = new BenchMachine(unicorn, new GuestKernels(directory))) {
      assertThatThrownBy(() -> other.run("fib", 20))
          .isInstanceOf(BenchmarkException.class)
          .hasMessageContaining("fib")
          .hasMessageContaining("0xffffffff80200001");
    }
  }

  private CFloor floor() {
    Assumptions.assumeTrue(floor.isPresent(), "there is no C compiler");
    return floor.orElseThrow();
  }
}
