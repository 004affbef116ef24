package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Addresses that aren't canonical (SDM vol. 1, 3.3.7.1; vol. 2, CALL, JMP, RET, LTR)")
class NonCanonicalTest {

  private static final long NOWHERE = 0x0000_8000_0000_0000L;
  private static final int FRAME = 6 * Long.BYTES;

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private void faultsAt(long rip, int errorCode) {
    assertThat(guest.runToHandler()).isEqualTo(13);
    long frame = guest.get(Register.RSP);
    assertThat(guest.load(frame)).as("error code").isEqualTo(errorCode);
    assertThat(guest.load(frame + 8)).as("RIP").isEqualTo(rip);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "JMP register, ffe0",
    "JMP memory, ff24250000 2000",
    "CALL register, ffd0",
    "CALL memory, ff14250000 2000",
    "CALL of an extended register, 41ffd0",
    "RET, c3",
    "RET that pops, c21000",
    "RET with a prefix, f3c3",
  })
  void aNearBranchFaultsAtItself(String name, String code) {
    guest.gates();
    guest.code(CODE, "90" + code + "f4");
    guest.set(Register.RAX, NOWHERE);
    guest.set(Register.R8, NOWHERE);
    guest.store(GuestKernel.DATA, NOWHERE);
    guest.store(STACK, NOWHERE);
    faultsAt(CODE + 1, 0);
    assertThat(guest.load(guest.get(Register.RSP) + 32)).as("RSP").isEqualTo(STACK);
    assertThat(guest.get(Register.RSP)).isEqualTo(STACK - FRAME);
  }

  @Test
  void flagsAndRegistersAreThoseBeforeTheBranch() {
    guest.gates();
    guest.code(CODE, "4883c301 f9 ffe0"); // add rbx, 1; stc; jmp rax
    guest.set(Register.RAX, NOWHERE);
    guest.set(Register.RBX, 41);
    faultsAt(CODE + 5, 0);
    assertThat(guest.get(Register.RBX)).isEqualTo(42);
    assertThat(guest.load(guest.get(Register.RSP) + 24) & 1).as("CF").isEqualTo(1);
  }

  @Test
  void theHighestAddressIsCanonical() {
    guest.gates();
    guest.code(CODE, "ffe0");
    guest.set(Register.RAX, -16);
    assertThat(guest.runToHandler()).isEqualTo(14);
    assertThat(guest.get(Register.CR2)).isEqualTo(-16);
  }

  @Test
  void sysretFaultsInRing0() {
    guest.userMode("90");
    guest.enterRing(0, SegmentAttributes.CODE_64, GuestKernel.CS, GuestKernel.SS);
    guest.code(CODE, "480f07");
    guest.set(Register.RIP, CODE);
    guest.set(Register.RCX, NOWHERE);
    guest.set(Register.R11, 2);
    faultsAt(CODE, 0);
    assertThat(guest.load(guest.get(Register.RSP) + 16)).as("CS").isEqualTo(GuestKernel.CS);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"LTR, 0f00d8, 89", "LLDT, 0f00d0, 82"})
  void aSystemSegmentMustHaveACanonicalBase(String name, String code, String type) {
    guest.gates();
    long attributes = Long.parseLong(type, 16) << 40;
    guest.store(GuestKernel.GDT + 0x28, attributes | 0x67);
    guest.store(GuestKernel.GDT + 0x30, NOWHERE >>> 32);
    guest.store(GuestKernel.GDT + 0x38, attributes | 0x67);
    guest.store(GuestKernel.GDT + 0x40, 0xFFFF_8000L);
    guest.set(Register.GDTR_LIMIT, 0x47);
    guest.code(CODE, code + "f4");
    guest.set(Register.RAX, 0x28);
    faultsAt(CODE, 0x28);

    guest.set(Register.RIP, CODE);
    guest.set(Register.RSP, STACK);
    guest.set(Register.RAX, 0x38);
    guest.cpu.run();
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 4);
  }

  @Test
  void trCannotBeNull() {
    guest.gates();
    guest.code(CODE, "0f00d8");
    guest.set(Register.RAX, 3);
    faultsAt(CODE, 0);
  }

  @Test
  void ldtrCanBeNull() {
    guest.gates();
    guest.code(CODE, "0f00d0 f4");
    guest.set(Register.RAX, 0);
    guest.cpu.run();
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 4);
  }
}
