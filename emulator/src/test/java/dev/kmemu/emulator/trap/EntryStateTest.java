package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The state after a reset and the states of loaders (SDM vol. 3A, table 9-1)")
class EntryStateTest {

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  /** Leaves traces in 64-bit mode, in ring 3. */
  private void useTheCpu() {
    guest.useProcessor();
    guest.userMode("d9e8 0f28c1 0f0b"); // fld1; movaps xmm0, xmm1; ud2
    guest.set(Register.MXCSR, 0x1F00);
    guest.set(Register.R15, 0x77);
    guest.runToHandler();
  }

  @Test
  void theResetStateIsThatOfTheManual() {
    useTheCpu();
    guest.cpu.reset();
    CpuState state = guest.cpu.state();
    assertThat(state.selector(SegmentRegister.CS)).isEqualTo(0xF000);
    assertThat(state.base(SegmentRegister.CS)).isEqualTo(0xFFFF_0000L);
    assertThat(state.limit(SegmentRegister.CS)).isEqualTo(0xFFFF);
    assertThat(state.rip()).isEqualTo(0xFFF0);
    assertThat(state.linearRip()).isEqualTo(0xFFFF_FFF0L);
    assertThat(guest.get(Register.RFLAGS)).isEqualTo(2);
    assertThat(guest.get(Register.CR0)).isEqualTo(0x6000_0010);
    for (Register register :
        new Register[] {
          Register.CR2,
          Register.CR3,
          Register.CR4,
          Register.CR8,
          Register.EFER,
          Register.RAX,
          Register.RSP,
          Register.R15,
          Register.GDTR_BASE,
          Register.IDTR_BASE,
          Register.FS_BASE,
          Register.GS_BASE,
          Register.KERNEL_GS_BASE,
          Register.FSTAT
        }) {
      assertThat(guest.get(register)).as(register.name()).isZero();
    }
    assertThat(guest.get(Register.RDX)).as("the signature").isEqualTo(0x5_0654);
    for (SegmentRegister segment : SegmentRegister.values()) {
      assertThat(state.limit(segment)).as(segment.name()).isEqualTo(0xFFFF);
      if (segment != SegmentRegister.CS) {
        assertThat(state.selector(segment)).as(segment.name()).isZero();
        assertThat(state.base(segment)).as(segment.name()).isZero();
      }
    }
    assertThat(guest.get(Register.GDTR_LIMIT)).isEqualTo(0xFFFF);
    assertThat(guest.get(Register.IDTR_LIMIT)).isEqualTo(0xFFFF);
    assertThat(state.dr6()).isEqualTo(0xFFFF_0FF0L);
    assertThat(state.dr7()).isEqualTo(0x400);
    assertThat(state.cpl()).isZero();
    assertThat(guest.get(Register.MXCSR)).isEqualTo(0x1F80);
    assertThat(guest.get(Register.FCTRL)).isEqualTo(0x40);
    assertThat(state.msr(0x277)).isEqualTo(0x0007_0406_0007_0406L);
  }

  @Test
  void realModeRunsSixteenBitCode() {
    useTheCpu();
    new EntryState.Real(0x2000, 0x10).apply(guest.cpu);
    guest.code(0x2_0010, "b83412 8cca f4"); // mov ax, 0x1234; mov dx, cs; hlt
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1234);
    assertThat(guest.get(Register.RDX) & 0xFFFF).isEqualTo(0x2000);
    assertThat(guest.get(Register.RIP)).isEqualTo(0x16);
  }

  @Test
  void protectedModeRunsFlat32BitCode() {
    useTheCpu();
    new EntryState.Protected32(0x14_0000).apply(guest.cpu);
    // mov eax, -1; inc eax; mov [0x200000], 0x55667788; hlt
    guest.code(0x14_0000, "b8ffffffff 40 c7050000200088776655 f4");
    guest.set(Register.RSP, GuestKernel.STACK);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RAX)).isZero();
    assertThat(guest.load32(GuestKernel.DATA)).isEqualTo(0x5566_7788);
    assertThat(guest.get(Register.CR0)).isEqualTo(0x11);
    assertThat(guest.cpu.state().limit(SegmentRegister.DS)).isEqualTo(-1);
  }

  @Test
  void longModeRuns64BitCode() {
    useTheCpu();
    new EntryState.Long64(GuestKernel.CODE, 0x1000).apply(guest.cpu);
    guest.code(GuestKernel.CODE, "4831c0 48ffc8 0f28c1 f4"); // xor rax, rax; dec rax; movaps; hlt
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RAX)).isEqualTo(-1L);
    assertThat(guest.get(Register.EFER)).isEqualTo(0xD01);
    assertThat(guest.cpu.state().cpl()).isZero();
  }

  @Test
  void anExceptionWithoutTablesShutsTheCpuDown() {
    new EntryState.Protected32(0x14_0000).apply(guest.cpu);
    guest.code(0x14_0000, "0f0b");
    assertThat(guest.runToShutdown().attempts()).hasSize(3);
  }
}
