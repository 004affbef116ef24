package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class WritableRegistersTest {

  private static final long GDT = DATA + 0x1000;

  private final GuestProgram guest = new GuestProgram("90 f4");

  @BeforeEach
  void attach() {
    guest.machine.debugTarget().attach(guest);
    guest.store(GDT, 0);
    guest.store(GDT + 0x08, 0x00AF9B000000FFFFL); // 64-bit code, ring 0
    guest.store(GDT + 0x10, 0x00CF93000000FFFFL); // data, ring 0
    guest.store(GDT + 0x18, 0x00AFFB000000FFFFL); // 64-bit code, ring 3
    guest.store(GDT + 0x20, 0x1240F3345678FFFFL); // data, ring 3, base 12345678, 1 MiB
    guest.store(GDT + 0x28, 0x0000890000000067L | (DATA + 0x2000) << 16); // TSS
    guest.store(GDT + 0x30, 0xFFFFFF80L);
    guest.store(GDT + 0x38, 0x0000820000000017L | (DATA + 0x3000) << 16); // LDT
    guest.store(GDT + 0x40, 0);
    guest.store(GDT + 0x48, 0x00CF13000000FFFFL); // data that isn't present
    guest.set(Register.GDTR_BASE, GDT);
    guest.set(Register.GDTR_LIMIT, 0x4F);
    guest.set(Register.CS, 8);
    guest.set(Register.SS, 0x10);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private long base(SegmentRegister segment) {
    return guest.machine.onCpu(cpu -> cpu.state().base(segment));
  }

  private void assertRuns() {
    guest.set(Register.RIP, CODE);
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
  }

  @ParameterizedTest
  @CsvSource({
    "CR0, 80010031, 80010031",
    "CR2, ffff800012345678, ffff800012345678",
    "CR4, 6a0, 6a0",
    "CR8, f, f",
    "EFER, 501, 501",
    "EFER, 901, d01",
    "DR0, ffff800012345678, ffff800012345678",
    "DR1, 12345678, 12345678",
    "DR2, 12345678, 12345678",
    "DR3, 1, 1",
    "DR6, 0, ffff0ff0",
    "DR6, ffffffff, ffffefff",
    "DR7, 401, 401",
    "DR7, ffffffff, ffff27ff",
    "FS_BASE, ffff800012345678, ffff800012345678",
    "GS_BASE, 12345678, 12345678",
    "KERNEL_GS_BASE, ffff800012345678, ffff800012345678",
    "STAR, 123456789abcdef0, 123456789abcdef0",
    "LSTAR, ffffffff80000000, ffffffff80000000",
    "CSTAR, 80000000, 80000000",
    "SFMASK, 47700, 47700",
    "SYSENTER_CS, 8, 8",
    "SYSENTER_ESP, ffffffff80000000, ffffffff80000000",
    "SYSENTER_EIP, ffffffff80000000, ffffffff80000000",
    "TSC_AUX, ffffffff, ffffffff",
    "PAT, 0007040600070406, 0007040600070406",
    "PAT, 0007010600070106, 0007010600070106",
    "GDTR_BASE, ffffffff80000000, ffffffff80000000",
    "GDTR_LIMIT, ffff, ffff",
    "IDTR_BASE, ffffffff80000000, ffffffff80000000",
    "IDTR_LIMIT, fff, fff",
    "TR_BASE, ffffffff80000000, ffffffff80000000",
    "TR_LIMIT, 67, 67",
    "LDTR_BASE, ffffffff80000000, ffffffff80000000",
    "LDTR_LIMIT, 67, 67",
    "RFLAGS, ffffffff00000ad5, ad7",
    "MXCSR, 1f80, 1f80",
  })
  void holdsWhatItIsGiven(Register register, String given, String held) {
    long value = Long.parseUnsignedLong(given, 16);
    if (register == Register.EFER) {
      // With paging on, LME stays.
      value |= 0x100;
    }
    guest.set(register, value);
    assertThat(guest.get(register))
        .isEqualTo(Long.parseUnsignedLong(held, 16) | (register == Register.EFER ? 0x400 : 0));
    assertRuns();
  }

  @ParameterizedTest
  @CsvSource({
    "CR0, 180050033, 0x100000000",
    "CR0, 80050032, PE",
    "CR0, A0050033, CD",
    "CR0, 50033, PG",
    "CR3, 10000001000, 0x10000000000",
    "CR4, 600, PAE",
    "CR4, 1620, 0x1000",
    "CR8, 10, 0x10",
    "EFER, 2d01, 0x2000",
    "EFER, c01, LME",
    "DR6, 1ffff0ff0, 0x100000000",
    "DR7, 100000400, 0x100000000",
    "FS_BASE, 800000000000, canonical",
    "KERNEL_GS_BASE, 800000000000, canonical",
    "LSTAR, 800000000000, canonical",
    "SYSENTER_EIP, 800000000000, canonical",
    "GDTR_BASE, 800000000000, canonical",
    "GDTR_LIMIT, 10000, 0x10000",
    "SFMASK, 100000000, 0x100000000",
    "PAT, 207040600070406, byte 7",
    "MXCSR, 11f80, 0x10000",
    "RIP, 800000000000, canonical",
    "RFLAGS, 20002, VM",
    "SS, 20, privilege level",
    "SS, 8, writable data",
    "CS, 1b, privilege level",
    "CS, 10, code",
    "CS, 0, null",
    "DS, 50, limit",
    "DS, 48, present",
    "DS, 28, system",
    "TR, 38, TSS",
    "TR, 3, null",
    "LDTR, 28, LDT",
    "LDTR, 2c, GDT",
  })
  void refusesWhatTheCpuWould(Register register, String given, String reason) {
    long before = guest.get(register);
    assertThatThrownBy(() -> guest.set(register, Long.parseUnsignedLong(given, 16)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            register + " can't be 0x" + given.toLowerCase(java.util.Locale.ROOT))
        .hasMessageContaining(reason);
    assertThat(guest.get(register)).isEqualTo(before);
    assertRuns();
  }

  @Test
  void aSelectorBringsItsDescriptor() {
    guest.set(Register.FS, 0x23);
    assertThat(base(SegmentRegister.FS)).isEqualTo(0x12345678);
    assertThat(guest.get(Register.FS_BASE)).isEqualTo(0x12345678);
    guest.set(Register.TR, 0x28);
    assertThat(guest.get(Register.TR_BASE)).isEqualTo(0xFFFF_FF80_0000_0000L | (DATA + 0x2000));
    assertThat(guest.get(Register.TR_LIMIT)).isEqualTo(0x67);
    guest.set(Register.LDTR, 0x38);
    assertThat(guest.get(Register.LDTR_BASE)).isEqualTo(DATA + 0x3000);
    guest.set(Register.DS, 0);
    assertThat(guest.get(Register.DS)).isZero();
    assertRuns();
  }

  @Test
  void inRealModeABaseIsTheSelectorTimes16() {
    guest.machine.onCpu(
        cpu -> {
          cpu.reset();
          return cpu;
        });
    guest.set(Register.DS, 0x1234);
    assertThat(base(SegmentRegister.DS)).isEqualTo(0x12340);
    guest.set(Register.CS, 0x1000);
    guest.set(Register.RIP, 0);
    guest.code(0x10000, "8cd8 f4"); // mov ax, ds; hlt
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
    assertThat(guest.get(Register.RAX) & 0xFFFF).isEqualTo(0x1234);
  }

  @Test
  void theValueThatItHoldsIsAcceptedWhateverItIs() {
    for (Register register : Register.values()) {
      if (guest.machine.debugTarget().has(register)) {
        byte[] value = new byte[register.bytes()];
        guest.machine.debugTarget().readRegister(register, value, 0);
        guest.machine.debugTarget().writeRegister(register, value, 0);
      }
    }
    assertRuns();
  }

  @Test
  void whatMemoryShowsFollowsCr3AtOnceAndBreakpointsStay() {
    guest.store(0x5000, 0x6003);
    guest.store(0x6000, 0x7003);
    guest.store(0x7000, 0x600083);
    guest.store(0x7008, 0x600083);
    guest.code(0x600000 + CODE, "90 90 f4");
    guest.code(0x600000, "77");
    byte[] seen = new byte[1];
    guest.machine.debugTarget().insertBreakpoint(va(CODE + 1));
    guest.set(Register.CR3, 0x5000);
    guest.machine.debugTarget().readMemory(va(DATA), seen, 0, 1);
    assertThat(seen[0]).isEqualTo((byte) 0x77);
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Breakpoint(va(CODE + 1)));
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 3);
  }
}
