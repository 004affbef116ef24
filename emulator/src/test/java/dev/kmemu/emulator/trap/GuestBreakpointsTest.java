package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("DR0 to DR3 and DR7 of the guest (SDM vol. 3B, 17.2 and 17.3)")
class GuestBreakpointsTest {

  private static final String SET = "0f23c8 0f23fb"; // mov dr1, rax; mov dr7, rbx
  private static final long AFTER_SET = CODE + 6;
  private static final long ENABLE_1 = 8;
  private static final long FOUR_BYTES_WRITTEN_1 = 0xD0_0000 | ENABLE_1;
  private static final long FOUR_BYTES_USED_1 = 0xF0_0000 | ENABLE_1;
  private static final long GENERAL_DETECT = 1 << 13;
  private static final String COUNT_AND_RESUME =
      "48ffc1 814c241000000100 48cf"; // inc rcx; or dword [rsp+16], RF; iretq

  private final GuestKernel guest = new GuestKernel();

  @BeforeEach
  void prepare() {
    guest.useProcessor();
    guest.gates();
    guest.set(Register.RCX, 0);
    guest.set(Register.RSI, DATA);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private void code(String hex, long address, long control) {
    guest.code(CODE, SET + hex + "f4");
    guest.set(Register.RAX, address);
    guest.set(Register.RBX, control);
  }

  private void debugExceptionAt(long rip, long dr6) {
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(guest.load(guest.get(Register.RSP))).as("RIP").isEqualTo(rip);
    assertThat(guest.get(Register.DR6)).as("DR6").isEqualTo(dr6);
  }

  private void runsThrough(int length) {
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(AFTER_SET + length + 1);
  }

  @Test
  void anInstructionBreakpointFaultsBeforeTheInstruction() {
    code("90 ffc1", AFTER_SET + 1, ENABLE_1); // nop; inc ecx
    debugExceptionAt(AFTER_SET + 1, 0xFFFF_0FF2L);
    assertThat(guest.get(Register.RCX)).isZero();
    assertThat(guest.load(guest.get(Register.RSP) + 16) >>> 16 & 1).as("saved RF").isZero();
  }

  @Test
  void theResumeFlagPassesTheBreakpointOnce() {
    guest.code(GuestCpu.handler(1), COUNT_AND_RESUME);
    // mov edx, 3; again: nop; dec edx; jnz again
    code("ba03000000 90 ffca 75fb", AFTER_SET + 5, ENABLE_1);
    runsThrough(10);
    assertThat(guest.get(Register.RCX)).isEqualTo(3);
  }

  @Test
  void aBreakpointThatIsDisabledIsQuiet() {
    code("90 31db 0f23fb 90", AFTER_SET + 6, 0x400); // nop; xor ebx, ebx; mov dr7, rbx; nop
    runsThrough(7);
  }

  @Test
  void whatTheHostWritesToTheRegistersCounts() {
    guest.code(CODE, "90 90 f4");
    guest.set(Register.DR2, CODE + 1);
    guest.set(Register.DR7, 0x420);
    debugExceptionAt(CODE + 1, 0xFFFF_0FF4L);
    guest.set(Register.DR7, 0x400);
    guest.set(Register.RIP, CODE);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 3);
  }

  @Test
  void anAddressIsLinear() {
    try (ProtectedKernel based = new ProtectedKernel()) {
      based.code(ProtectedKernel.CODE, "90 90 f4");
      int attributes = based.cpu.state().attributes(SegmentRegister.CS);
      based
          .cpu
          .state()
          .load(SegmentRegister.CS, ProtectedKernel.CS, ProtectedKernel.CODE, -1, attributes);
      based.set(Register.RIP, 0);
      based.set(Register.DR0, ProtectedKernel.CODE + 1);
      based.set(Register.DR7, 0x402);
      based.cpu.run();
      assertThat(based.get(Register.DR6) & 0xF).isEqualTo(1);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a write, d00008, 8906, 2", // mov [rsi], eax
    "a write of its last byte, d00008, 884603, 3", // mov [rsi+3], al
    "a write from below, d00008, 488946fc, 4", // mov [rsi-4], rax
    "a write that a step would go past, d00008, f30f1efa 8906, 6",
    "a read of what is read or written, f00008, 8b06, 2", // mov eax, [rsi]
    "a write of what is read or written, f00008, 8906, 2",
    "a change, d00008, ff06, 2", // inc dword [rsi]
  })
  void anAccessTrapsBehindItself(String name, String control, String access, int length) {
    code("90" + access + "90", DATA, Long.parseLong(control, 16));
    debugExceptionAt(AFTER_SET + 1 + length, 0xFFFF_0FF2L);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a read of what is written, d00008, 8b06, 2",
    "a write behind it, d00008, 894604, 3",
    "a write before it, d00008, 8946fc, 3",
    "a write while it's disabled, d00000, 8906, 2",
  })
  void otherAccessesAreQuiet(String name, String control, String access, int length) {
    code(access, DATA, Long.parseLong(control, 16));
    runsThrough(length);
    assertThat(guest.get(Register.DR6) & 0xF).isZero();
  }

  @Test
  void theOtherBitsOfDr6AreSticky() {
    guest.set(Register.DR6, 0xFFFF_4FF1L);
    code("8906 90", DATA, FOUR_BYTES_WRITTEN_1);
    debugExceptionAt(AFTER_SET + 2, 0xFFFF_4FF2L);
  }

  @Test
  void movToSsSwallowsTheTrap() {
    code("8e16 90 90", DATA, FOUR_BYTES_USED_1); // mov ss, [rsi]; nop; nop
    guest.store(DATA, GuestKernel.SS);
    runsThrough(4);
  }

  @Test
  void aTracedAccessRaisesOneException() {
    guest.store(GuestKernel.STACK - 8, 0x102);
    guest.set(Register.RSP, GuestKernel.STACK - 8);
    code("9d 8906 90", DATA, FOUR_BYTES_WRITTEN_1); // popfq; mov [rsi], eax; nop
    debugExceptionAt(AFTER_SET + 3, 0xFFFF_4FF2L);
  }

  @Test
  void generalDetectFaultsAtAReadAndIsOffThen() {
    guest.code(GuestCpu.handler(1), "48ffc1 0f21f2 48cf"); // inc rcx; mov rdx, dr6; iretq
    code("0f21f8", 0, GENERAL_DETECT); // mov rax, dr7
    runsThrough(3);
    assertThat(guest.get(Register.RCX)).isEqualTo(1);
    assertThat(guest.get(Register.RDX)).as("DR6").isEqualTo(0xFFFF_2FF0L);
    assertThat(guest.get(Register.RAX)).as("DR7").isEqualTo(0x400);
  }

  @Test
  void generalDetectFaultsAtAWrite() {
    code("0f23c0", 0x1234, GENERAL_DETECT); // mov dr0, rax
    debugExceptionAt(AFTER_SET, 0xFFFF_2FF0L);
    assertThat(guest.get(Register.DR0)).isZero();
  }

  @Test
  void aDebuggersStepGoesToTheGuestsHandler() {
    guest.code(CODE, "90 90 f4");
    guest.set(Register.DR0, CODE);
    guest.set(Register.DR7, 0x402);
    assertThat(guest.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestCpu.handler(1));
    assertThat(guest.load(guest.get(Register.RSP) + 16) >>> 8 & 1).as("saved TF").isZero();
  }

  @Test
  void aDebuggersStepShowsATrapOfTheGuests() {
    guest.code(CODE, "8906 90 f4");
    guest.set(Register.DR1, DATA);
    guest.set(Register.DR7, FOUR_BYTES_WRITTEN_1);
    assertThat(guest.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestCpu.handler(1));
    assertThat(guest.load(guest.get(Register.RSP))).isEqualTo(CODE + 2);
    assertThat(guest.get(Register.DR6)).isEqualTo(0xFFFF_0FF2L);
  }

  @Test
  void aRestoredSnapshotHasItsBreakpoints() {
    guest.code(CODE, "90 90 f4");
    guest.set(Register.DR0, CODE + 1);
    guest.set(Register.DR7, 0x402);
    var snapshot = guest.cpu.snapshots().capture();
    debugExceptionAt(CODE + 1, 0xFFFF_0FF1L);
    guest.set(Register.DR7, 0x400);
    guest.set(Register.RIP, CODE);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    guest.cpu.snapshots().restore(snapshot);
    debugExceptionAt(CODE + 1, 0xFFFF_0FF1L);
  }
}
