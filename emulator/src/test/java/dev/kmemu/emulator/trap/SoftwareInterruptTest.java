package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.CS;
import static dev.kmemu.emulator.trap.GuestKernel.STACK;
import static dev.kmemu.emulator.trap.GuestKernel.USER_CODE;
import static dev.kmemu.emulator.trap.GuestKernel.USER_CS;
import static dev.kmemu.emulator.trap.GuestKernel.USER_SS;
import static dev.kmemu.emulator.trap.GuestKernel.USER_STACK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("INT n in 64-bit mode (SDM vol. 2A, INT n; vol. 3A, 6.12.1.2 and 6.13)")
class SoftwareInterruptTest {

  private static final int OPEN_GATE = 0xEE;
  private static final long RF = 1 << 16;

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private long onStack(int index) {
    return guest.load(guest.get(Register.RSP) + 8L * index);
  }

  @Test
  void anOpenGateTakesRsp0() {
    guest.userMode("cd80");
    guest.gate(0x80, OPEN_GATE, 0, CS, GuestKernel.handler(0x80));
    assertThat(guest.runToHandler()).isEqualTo(0x80);
    assertThat(guest.get(Register.RSP)).isEqualTo(STACK - 40);
    assertThat(guest.cpu.state().cpl()).isZero();
    assertThat(guest.get(Register.SS)).as("null, with the new CPL").isZero();
    assertThat(onStack(0)).isEqualTo(USER_CODE + 2);
    assertThat(onStack(1)).isEqualTo(USER_CS);
    assertThat(onStack(3)).isEqualTo(USER_STACK);
    assertThat(onStack(4)).isEqualTo(USER_SS);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "int 0x80, cd80, 128",
    "int3, cc, 3",
    "int 3 of two bytes, cd03, 3",
    "int 13, cd0d, 13",
    "int 8, cd08, 8",
    "REX int 0x80, 48cd80, 128",
    "rep int3, f3cc, 3",
    "es int 0x80, 26cd80, 128",
  })
  void aClosedGateIsAFaultOfTheInstruction(String name, String code, int vector) {
    guest.userMode("90" + code);
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(0)).as("error code").isEqualTo(vector * 8 + 2);
    assertThat(onStack(1)).as("RIP").isEqualTo(USER_CODE + 1);
    assertThat(onStack(3) & RF).isEqualTo(RF);
  }

  @Test
  void aGateThatIsNotPresentIsAFaultOfTheInstruction() {
    guest.gates();
    guest.gate(0x80, 0x0E, 0);
    guest.code(CODE, "90 cd80");
    assertThat(guest.runToHandler()).isEqualTo(11);
    assertThat(onStack(0)).isEqualTo(0x80 * 8 + 2);
    assertThat(onStack(1)).isEqualTo(CODE + 1);
  }

  @Test
  void aVectorBeyondTheLimitIsAFaultOfTheInstruction() {
    guest.gates();
    guest.set(Register.IDTR_LIMIT, 0x80 * 16 + 14);
    guest.code(CODE, "cd80");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(0)).isEqualTo(0x80 * 8 + 2);
    assertThat(onStack(1)).isEqualTo(CODE);
  }

  @Test
  void aStackThatIsNotMappedIsAPageFaultOfTheInstruction() {
    guest.gates();
    guest.set(Register.RSP, GuestKernel.UNMAPPED + 0x1000);
    guest.code(CODE, "cd80");
    assertThat(guest.runToHandler()).isEqualTo(14);
    assertThat(onStack(0)).as("supervisor write").isEqualTo(2);
    assertThat(onStack(1)).isEqualTo(CODE);
    assertThat(guest.get(Register.CR2)).isEqualTo(GuestKernel.UNMAPPED + 0xFF8);
  }

  @Test
  void aSixteenBitGateIsNoneInLongMode() {
    guest.gates();
    guest.gate(0x80, 0x86, 0);
    guest.code(CODE, "cd80");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(0)).isEqualTo(0x80 * 8 + 2);
  }

  @Test
  void aNonCanonicalHandlerIsAGeneralProtectionFault() {
    guest.gates();
    guest.gate(0x80, 0x8E, 0, CS, 0x0000_8000_0000_0000L);
    guest.code(CODE, "cd80");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(0)).isZero();
    assertThat(onStack(1)).isEqualTo(CODE);
  }

  @Test
  void aNonCanonicalStackIsAStackFault() {
    guest.gates();
    guest.gateTo(12, 1);
    guest.set(Register.RSP, 0x0000_8000_0000_0100L);
    guest.code(CODE, "cd80");
    assertThat(guest.runToHandler()).isEqualTo(12);
    assertThat(onStack(0)).isZero();
  }

  @Test
  void intoIsUndefinedIn64BitMode() {
    guest.gates();
    guest.code(CODE, "ce");
    assertThat(guest.runToHandler()).isEqualTo(6);
  }
}
