package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Exceptions that the engine raises (SDM vol. 3A, 6.15)")
class RaisedExceptionsTest {

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "#DE, f7f1, 0, 0, -1",
    "#BP, cc, 3, 1, -1",
    "#UD, 0f0b, 6, 0, -1",
    "#GP of a selector beyond the GDT, 8ed8, 13, 0, 0x48",
    "#GP of a non-canonical address, 488b03, 13, 0, 0",
  })
  void inRing0(String name, String code, int vector, int offset, int errorCode) {
    guest.gates();
    guest.code(CODE, code);
    guest.set(Register.RAX, 0x4B);
    guest.set(Register.RBX, 0x0000_8000_0000_0000L);
    guest.set(Register.RCX, 0);
    guest.set(Register.RSI, DATA);
    assertRaised(vector, errorCode, CODE + offset);
  }

  private void assertRaised(int vector, int errorCode, long rip) {
    assertThat(guest.runToHandler()).isEqualTo(vector);
    long at = guest.get(Register.RSP);
    if (errorCode >= 0) {
      assertThat(guest.load(at)).as("error code").isEqualTo(errorCode);
      at += 8;
    }
    assertThat(guest.load(at)).as("RIP").isEqualTo(rip);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "hlt, f4",
    "cli, fa",
    "'mov cr3, rax', 0f22d8",
    "'mov rax, cr0', 0f20c0",
    "wrmsr, 0f30",
    "rdmsr, 0f32",
    "'lidt [rsi]', 0f011e",
    "invlpg [rsi], 0f013e",
    "clts, 0f06",
    "'mov dr7, rax', 0f23f8",
  })
  void ring3IsRefused(String name, String code) {
    guest.userMode("90" + code);
    guest.set(Register.RSI, DATA);
    assertRaised(13, 0, GuestKernel.USER_CODE + 1);
  }

  @Test
  void aSegmentThatIsNotPresent() {
    guest.gates();
    guest.store(0x7000 + 0x20, 0x0000_7200_0000_0000L);
    guest.code(CODE, "8ed8"); // mov ds, eax
    guest.set(Register.RAX, 0x23);
    assertRaised(11, 0x20, CODE);
  }

  @Test
  void aStackSegmentThatIsNotPresent() {
    guest.gates();
    guest.store(0x7000 + 0x10, 0x0000_1200_0000_0000L);
    guest.code(CODE, "8ed0"); // mov ss, eax
    guest.set(Register.RAX, 0x10);
    assertRaised(12, 0x10, CODE);
  }

  @Test
  void aDeviceThatIsNotAvailable() {
    guest.gates();
    guest.set(Register.CR0, 0x8005_003BL); // TS
    guest.code(CODE, "d9ee"); // fldz
    assertRaised(7, -1, CODE);
  }

  @Test
  void anX87ExceptionComesWithTheNextInstruction() {
    guest.gates();
    guest.set(Register.CR0, 0x8005_0033L); // NE
    guest.set(Register.FCTRL, 0x37B); // divide by zero is unmasked
    guest.code(CODE, "d9e8 d9ee def9 9b"); // fld1; fldz; fdivp; fwait
    assertRaised(16, -1, CODE + 6);
  }

  @Test
  void boundIn32BitCode() {
    try (ProtectedKernel narrow = new ProtectedKernel()) {
      narrow.code(ProtectedKernel.CODE, "6203"); // bound eax, [ebx]
      narrow.set(Register.RBX, 0x9000);
      narrow.store(0x9000, 0x0000_0004_0000_0002L);
      narrow.set(Register.RAX, 5);
      assertThat(narrow.runToHandler()).isEqualTo(5);
      assertThat(narrow.onStack(0)).isEqualTo(ProtectedKernel.CODE);
    }
  }
}
