package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Mode switches by guest code (SDM vol. 3A, 9.8.5 and 9.9)")
class ModeSwitchTest {

  private static final int GDT = 0x9000;
  private static final int AGAIN = 0x1_0000;

  private final RealKernel guest = new RealKernel("");

  @AfterEach
  void close() {
    guest.close();
  }

  @BeforeEach
  void loadTables() {
    guest.store(GDT + 0x08, 0x0000_9A00_0000_FFFFL); // 16-bit code
    guest.store(GDT + 0x10, 0x00CF_9200_0000_FFFFL); // flat data
    guest.store(GDT + 0x18, 0x00CF_9A00_0000_FFFFL); // 32-bit code
    guest.store(GDT + 0x20, 0x00AF_9A00_0000_FFFFL); // 64-bit code
    guest.store(GDT + 0x28, 0x0000_9200_0000_FFFFL); // 16-bit data
    guest.store16(0x200 + 0x1000, 0x2F);
    guest.store32(0x202 + 0x1000, GDT);
    guest.store(0x1_8000, 0x1_9007); // PML4
    guest.store(0x1_9000, 0x1_A007);
    guest.store(0x1_A000, 0x87);
    new EntryState.Real(0, 0x1100).apply(guest.cpu);
    guest.useProcessor();
    // cli; lgdt [0x1200]; mov eax, cr0; or al, 1; mov cr0, eax; ljmp 0x08:0x1300
    guest.code(0x1100, "fa 0f01160012 0f20c0 0c01 0f22c0 ea00130800");
    // 16-bit: mov ax, 0x10; mov ds, ax; mov ss, ax; mov es, ax; ljmpl 0x18:0x1400
    guest.code(0x1300, "b81000 8ed8 8ed0 8ec0 66ea001400001800");
    // 32-bit: mov esp, 0x8000; mov ebx, 0x11111111; mov eax, 0x18000; mov cr3, eax;
    // mov eax, 0x20; mov cr4, eax; mov ecx, 0xc0000080; rdmsr; or eax, 0x100; wrmsr;
    // mov eax, cr0; or eax, 0x80000000; mov cr0, eax; ljmp 0x20:0x1500
    guest.code(
        0x1400,
        "bc00800000 bb11111111 b800800100 0f22d8 b820000000 0f22e0 b9800000c0 0f32 0d00010000 0f30"
            + " 0f20c0 0d00000080 0f22c0 ea001500002000");
    // 64-bit: mov r8, 0x123456789abcdef0; push 0x18; push 0x1600; retfq
    guest.code(0x1500, "49b8f0debc9a78563412 6a18 6800160000 48cb");
    // compatibility: mov edx, -1; inc edx; mov eax, cr0; and eax, 0x7fffffff; mov cr0, eax;
    // mov ecx, 0xc0000080; rdmsr; and eax, 0xfffffeff; wrmsr; xor eax, eax; mov cr4, eax;
    // ljmp 0x08:0x1700
    guest.code(
        0x1600,
        "baffffffff 42 0f20c0 25ffffff7f 0f22c0 b9800000c0 0f32 25fffeffff 0f30 31c0 0f22e0"
            + " ea001700000800");
    // 16-bit: mov ax, 0x28; mov ss, ax; mov ds, ax; mov eax, cr0; and al, 0xfe; mov cr0, eax;
    // ljmp 0x1000:0
    guest.code(0x1700, "b82800 8ed0 8ed8 0f20c0 24fe 0f22c0 ea00000010");
    // real: xor ax, ax; mov ss, ax; mov sp, 0x7000; mov ds, ax; int 0x21
    guest.code(AGAIN, "31c0 8ed0 bc0070 8ed8 cd21");
  }

  @Test
  void fromRealModeThroughLongModeAndBack() {
    assertThat(guest.runToHandler()).isEqualTo(0x21);
    assertThat(guest.get(Register.RBX)).as("32-bit code").isEqualTo(0x1111_1111);
    assertThat(guest.get(Register.R8)).as("64-bit code").isEqualTo(0x1234_5678_9ABC_DEF0L);
    assertThat(guest.get(Register.RDX)).as("compatibility mode").isZero();
    assertThat(guest.get(Register.CR0) & 0x8000_0001L).isZero();
    assertThat(guest.get(Register.EFER) & 0x500).isZero();
    assertThat(guest.get(Register.RSP)).isEqualTo(0x7000 - 6);
    assertThat(guest.load16(0x7000 - 6)).as("IP").isEqualTo(11);
    assertThat(guest.load16(0x7000 - 4)).as("CS").isEqualTo(0x1000);
  }

  @Test
  void eachModeCanBeSteppedThrough() {
    int steps = 0;
    long rip = guest.cpu.state().linearRip();
    while (rip != AGAIN + 9) {
      assertThat(guest.cpu.step()).as("at 0x%x", rip).isEqualTo(CpuExit.Stepped.INSTANCE);
      rip = guest.cpu.state().linearRip();
      steps++;
    }
    int instructions = 6 + 5 + 14 + 4 + 12 + 7 + 4;
    int loadsOfSs = 3; // hold the trap back for one instruction (SDM vol. 3A, 6.8.3)
    assertThat(steps).isEqualTo(instructions - loadsOfSs);
  }

  @Test
  void breakpointsStopInEachMode() {
    long[] places = {0x1106, 0x1303, 0x1405, 0x150A, 0x1605, 0x1703, AGAIN + 4};
    for (long place : places) {
      guest.cpu.addBreakpoint(new VirtualAddress(place));
    }
    for (long place : places) {
      assertThat(guest.cpu.run()).isEqualTo(CpuExit.BreakpointHit.INSTANCE);
      assertThat(guest.cpu.state().linearRip()).isEqualTo(place);
    }
    assertThat(guest.runToHandler()).isEqualTo(0x21);
  }

  @Test
  void longModeNeedsPae() {
    guest.code(0x1413, "00"); // the immediate that goes to CR4
    guest.set(Register.IDTR_LIMIT, 0);
    CrashReport crash = guest.runToShutdown();
    assertThat(crash.vector()).isEqualTo(13);
    assertThat(crash.rip().value()).isEqualTo(0x1430);
  }
}
