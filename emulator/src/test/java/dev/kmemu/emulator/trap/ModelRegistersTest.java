package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.model.MsrAccess;
import dev.kmemu.emulator.model.UnknownMsr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RDMSR, WRMSR and MOV to CR (SDM vol. 2B; vol. 3A, 2.2.1 and 2.5; vol. 4)")
class ModelRegistersTest {

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private void prepare(String code) {
    guest.useProcessor();
    guest.gates();
    guest.code(CODE, code + "f4");
  }

  private void operands(String msr, String value) {
    long wide = parse(value);
    guest.set(Register.RCX, parse(msr));
    guest.set(Register.RAX, wide & 0xFFFF_FFFFL);
    guest.set(Register.RDX, wide >>> 32);
  }

  private static long parse(String value) {
    return Long.parseUnsignedLong(value.replace("0x", "").replace("_", ""), 16);
  }

  private void done(int length) {
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + length + 1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "TSC_AUX, 0xC0000103, 0x12345678",
    "PAT, 0x277, 0x0007040600070406",
    "PAT with WP and WC, 0x277, 0x0005010600070406",
    "SYSENTER_EIP, 0x176, 0xFFFF800000001234",
    "LSTAR, 0xC0000082, 0xFFFFFFFF80001234",
    "STAR, 0xC0000081, 0x0013000800000000",
    "SFMASK, 0xC0000084, 0x47700",
    "FS_BASE, 0xC0000100, 0x00007FFFFFFFF000",
    "GS_BASE, 0xC0000101, 0x1000",
    "KERNEL_GS_BASE, 0xC0000102, 0xFFFF888000000000",
    "an MTRR, 0x200, 0x6",
    "EFER, 0xC0000080, 0xD01",
  })
  void whatIsWrittenIsRead(String name, String msr, String value) {
    prepare("0f30 31c0 31d2 0f32"); // wrmsr; xor eax, eax; xor edx, edx; rdmsr
    operands(msr, value);
    done(8);
    assertThat(guest.get(Register.RDX) << 32 | guest.get(Register.RAX)).isEqualTo(parse(value));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "LSTAR, 0xC0000082, 0x0000800000000000",
    "FS_BASE, 0xC0000100, 0xFFFF7FFFFFFFFFFF",
    "GS_BASE, 0xC0000101, 0x0000800000000000",
    "KERNEL_GS_BASE, 0xC0000102, 0x0000800000000000",
    "SYSENTER_ESP, 0x175, 0x0000800000000000",
    "PAT of type 2, 0x277, 0x0007040600070402",
    "PAT of type 8, 0x277, 0x0807040600070406",
    "EFER reserved bit, 0xC0000080, 0xD03",
    "EFER SVME, 0xC0000080, 0x1D01",
    "EFER LME while paging, 0xC0000080, 0xC01",
    "SFMASK of 64 bits, 0xC0000084, 0x100000000",
    "unknown, 0x5555, 0",
  })
  void aWriteIsRefusedAndChangesNothing(String name, String msr, String value) {
    prepare("0f30");
    operands(msr, value);
    long before = guest.cpu.state().msr((int) parse(msr));
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.load(guest.get(Register.RSP))).as("error code").isZero();
    assertThat(guest.load(guest.get(Register.RSP) + 8)).as("RIP").isEqualTo(CODE);
    assertThat(guest.cpu.state().msr((int) parse(msr))).isEqualTo(before);
  }

  @Test
  void anUnknownMsrIsTold() {
    prepare("0f32");
    operands("5555", "0");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.unknownMsrs)
        .extracting(MsrAccess::index, MsrAccess::write)
        .containsExactly(tuple(0x5555, false));
  }

  @Test
  void anUnknownMsrIsIgnoredByOption() {
    guest.useProcessor(UnknownMsr.IS_IGNORED);
    guest.gates();
    guest.code(CODE, "0f30 0f32 f4");
    operands("5555", "1234");
    done(4);
    assertThat(guest.get(Register.RAX)).isZero();
    assertThat(guest.unknownMsrs).hasSize(2);
  }

  @Test
  void aDifferentGsBaseIsSeenByTheNextAccess() {
    prepare("0f30 65488b042500000000"); // wrmsr; mov rax, gs:[0]
    operands("C0000101", "200000");
    guest.store(GuestKernel.DATA, 0x77);
    done(11);
    assertThat(guest.get(Register.RAX)).isEqualTo(0x77);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "CR0 above 32 bits, 0f22c0, 0x180050033",
    "CR0 PG without PE, 0f22c0, 0x80050032",
    "CR0 NW without CD, 0f22c0, 0xA0050033",
    "CR0 leaving paging in 64-bit code, 0f22c0, 0x50033",
    "CR4 reserved, 0f22e0, 0x80000620",
    "CR4 VMXE, 0f22e0, 0x2620",
    "CR4 without PAE in long mode, 0f22e0, 0x600",
    "CR4 above 32 bits, 0f22e0, 0x100000620",
    "CR8 above 15, 440f22c0, 0x10",
    "CR3 bit 63, 0f22d8, 0x8000000000001000",
    "CR3 above 40 bits, 0f22d8, 0x10000001000",
  })
  void aControlRegisterRefuses(String name, String code, String value) {
    prepare(code);
    guest.set(Register.RAX, parse(value));
    long cr0 = guest.get(Register.CR0);
    long cr3 = guest.get(Register.CR3);
    long cr4 = guest.get(Register.CR4);
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(guest.load(guest.get(Register.RSP) + 8)).isEqualTo(CODE);
    assertThat(guest.get(Register.CR0)).isEqualTo(cr0);
    assertThat(guest.get(Register.CR3)).isEqualTo(cr3);
    assertThat(guest.get(Register.CR4)).isEqualTo(cr4);
    assertThat(guest.get(Register.CR8)).isZero();
  }

  @Test
  void aReservedBitOfCr0IsIgnoredBelow32() {
    prepare("0f22c0");
    guest.set(Register.RAX, 0x8005_0033L | 1 << 8);
    done(3);
    assertThat(guest.get(Register.CR0)).isEqualTo(0x8005_0033L);
  }

  @Test
  void controlRegistersTakeWhatTheyKnow() {
    prepare("0f22e0 440f22c1 440f20c2"); // mov cr4, rax; mov cr8, rcx; mov rdx, cr8
    guest.set(Register.RAX, 0x65_06F0);
    guest.set(Register.RCX, 9);
    done(11);
    assertThat(guest.get(Register.CR4)).isEqualTo(0x65_06F0);
    assertThat(guest.get(Register.CR8)).isEqualTo(9);
    assertThat(guest.get(Register.RDX)).isEqualTo(9);
  }

  @Test
  void anExtendedRegisterIsTheOperand() {
    prepare("410f22e1"); // mov cr4, r9
    guest.set(Register.R9, 0x6A0);
    done(4);
    assertThat(guest.get(Register.CR4)).isEqualTo(0x6A0);
  }

  @Test
  void lmswSetsTheLowFlagsAndCannotLeaveProtectedMode() {
    prepare("0f01f0"); // lmsw ax
    guest.set(Register.RAX, 0x8);
    done(3);
    assertThat(guest.get(Register.CR0)).isEqualTo(0x8005_0039L);
  }

  @Test
  void lmswOfMemoryIsExecuted() {
    prepare("0f0136"); // lmsw [rsi]
    guest.store(GuestKernel.DATA, 0x0B);
    guest.set(Register.RSI, GuestKernel.DATA);
    done(3);
    assertThat(guest.get(Register.CR0) & 0xF).isEqualTo(0xB);
  }

  @Test
  void cltsClearsTs() {
    prepare("0f06");
    guest.set(Register.CR0, 0x8005_003BL);
    done(2);
    assertThat(guest.get(Register.CR0)).isEqualTo(0x8005_0033L);
  }

  @Test
  void tscAdjustHoldsWhatWasAddedToTheTimeStamp() {
    // mov ecx, 0x10; wrmsr; mov ecx, 0x3b; rdmsr
    prepare("b910000000 0f30 b93b000000 0f32");
    operands("10", "1_3B9A_CA05");
    done(14);
    assertThat(guest.get(Register.RDX) << 32 | guest.get(Register.RAX)).isEqualTo(0x1_0000_0005L);
  }

  @Test
  void aWriteOfTscAdjustMovesTheTimeStamp() {
    prepare("b93b000000 0f30 0f32 89c3 0f31"); // mov ecx, 0x3b; wrmsr; rdmsr; mov ebx, eax; rdtsc
    operands("3B", "100");
    done(13);
    assertThat(guest.get(Register.RBX)).isEqualTo(0x100);
    assertThat(guest.get(Register.RAX)).isEqualTo(1_000_000_000L + 0x100);
  }

  @Test
  void theTimeStampIsTheClocks() {
    prepare("0f31");
    done(2);
    assertThat(guest.get(Register.RAX)).isEqualTo(1_000_000_000L);
    assertThat(guest.get(Register.RDX)).isZero();
  }

  @Test
  void tsdKeepsTheTimeStampFromRing3() {
    guest.useProcessor();
    guest.userMode("0f31");
    guest.set(Register.CR4, 0x624);
    assertThat(guest.runToHandler()).isEqualTo(13);
  }
}
