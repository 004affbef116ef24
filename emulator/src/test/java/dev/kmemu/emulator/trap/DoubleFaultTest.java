package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.UNMAPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Exceptions while an event is delivered (SDM vol. 3A, tables 6-4 and 6-5)")
class DoubleFaultTest {

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private long onStack(int index) {
    return guest.load(guest.get(Register.RSP) + 8L * index);
  }

  /** Lets the code raise {@code first}, whose delivery raises {@code second}. */
  private void collide(String code, int first, int second) {
    guest.gates();
    guest.code(CODE, code);
    guest.set(Register.RSI, UNMAPPED);
    guest.set(Register.RAX, 0x28); // beyond the GDT
    guest.set(Register.RCX, 0);
    switch (second) {
      case 10 -> {
        guest.gateTo(first, 3);
        guest.set(Register.TR_LIMIT, 0x33); // holds two interrupt stacks
      }
      case 11 -> guest.gate(first, 0x0E, 0);
      case 12 -> {
        guest.gateTo(first, 3);
        guest.ist(3, 0x8000_0000_0000_0000L);
      }
      case 13 -> guest.gate(first, 0x8E, 0, 0x10);
      default -> {
        guest.gateTo(first, 3);
        guest.ist(3, UNMAPPED + 0x1000);
      }
    }
    if (second != first && second != 14) {
      guest.gateTo(second, 1);
    }
  }

  @ParameterizedTest(name = "{0}, then {3}")
  @CsvSource({
    "#DE, f7f1, 0, 11",
    "#DE, f7f1, 0, 12",
    "#DE, f7f1, 0, 13",
    "#DE, f7f1, 0, 10",
    "#GP, 8ed8, 13, 11",
    "#GP, 8ed8, 13, 12",
    "#GP, 8ed8, 13, 13",
    "#GP, 8ed8, 13, 10",
    "#PF, 8b06, 14, 10",
    "#PF, 8b06, 14, 11",
    "#PF, 8b06, 14, 12",
    "#PF, 8b06, 14, 13",
    "#PF, 8b06, 14, 14",
  })
  void twoOfThemMakeADoubleFault(String name, String code, int first, int second) {
    collide(code, first, second);
    assertThat(guest.runToHandler()).isEqualTo(8);
    assertThat(onStack(0)).as("error code").isZero();
    assertThat(onStack(1)).as("RIP").isEqualTo(CODE);
  }

  @ParameterizedTest(name = "{0}, then {3}")
  @CsvSource({
    "#UD, 0f0b, 6, 10",
    "#UD, 0f0b, 6, 11",
    "#UD, 0f0b, 6, 12",
    "#UD, 0f0b, 6, 13",
    "#UD, 0f0b, 6, 14",
    "#DE, f7f1, 0, 14",
    "#GP, 8ed8, 13, 14",
    "int 13, cd0d, 13, 11",
    "int 8, cd08, 8, 13",
    "int 14, cd0e, 14, 13",
    "int 0, cd00, 0, 12",
  })
  void theSecondIsHandledAlone(String name, String code, int first, int second) {
    collide(code, first, second);
    assertThat(guest.runToHandler()).isEqualTo(second);
    assertThat(onStack(1)).as("RIP").isEqualTo(CODE);
  }

  @Test
  void theSecondPageFaultIsTheOneInCr2() {
    collide("8b06", 14, 14);
    guest.runToHandler();
    assertThat(guest.get(Register.CR2)).isEqualTo(UNMAPPED + 0xFF8);
  }

  @Test
  void aDoubleFaultThatFailsShutsTheCpuDown() {
    collide("8b06", 14, 14);
    guest.gate(8, 0x0E, 0);
    CrashReport crash = guest.runToShutdown();
    assertThat(crash.rip().value()).isEqualTo(CODE);
    assertThat(crash.attempts())
        .containsExactly(
            "#PF page fault: the handler's stack isn't mapped at 0x0000000000400ff8",
            "#DF double fault: the gate of vector 8 isn't present ("
                + String.format("0x%016x)", guest.load(0x6000 + 8 * 16)));
  }

  @Test
  void aChainThatIsNoDoubleFaultGoesOn() {
    guest.gates();
    guest.code(CODE, "0f0b"); // ud2, whose gate is absent, whose #NP finds no stack
    guest.gate(6, 0x0E, 0);
    guest.gateTo(11, 3);
    guest.ist(3, UNMAPPED + 0x1000);
    assertThat(guest.runToHandler()).as("contributory, then #PF: serial").isEqualTo(14);
  }
}
