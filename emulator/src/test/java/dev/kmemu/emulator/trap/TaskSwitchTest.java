package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.ProtectedKernel.CODE;
import static dev.kmemu.emulator.trap.ProtectedKernel.GDT;
import static dev.kmemu.emulator.trap.ProtectedKernel.TSS;
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

@DisplayName("Task gates (SDM vol. 3A, 6.12.2 and 7.3)")
class TaskSwitchTest {

  private static final int MAIN = 0x40;
  private static final int TASK = 0x48;
  private static final long TASK_TSS = 0x9000;
  private static final int TASK_CODE = 0x13_0000;
  private static final int TASK_STACK = 0x14_0000;
  private static final long NOT_TAKEN = 0x0000_8900_0000_0067L;
  private static final long BUSY = 0x0000_8B00_0000_0067L;

  private final ProtectedKernel guest = new ProtectedKernel();

  @BeforeEach
  void prepare() {
    guest.store(GDT + MAIN, BUSY | TSS << 16);
    guest.store(GDT + TASK, NOT_TAKEN | TASK_TSS << 16);
    guest.set(Register.GDTR_LIMIT, 0x4F);
    guest.store32(TASK_TSS + 0x20, TASK_CODE);
    guest.store32(TASK_TSS + 0x24, 2);
    guest.store32(TASK_TSS + 0x28, 0x1234_5678);
    guest.store32(TASK_TSS + 0x38, TASK_STACK);
    for (int segment = 0; segment < 6; segment++) {
      guest.store32(
          TASK_TSS + 0x48 + 4L * segment, segment == 1 ? ProtectedKernel.CS : ProtectedKernel.SS);
    }
    guest.code(TASK_CODE, "f4");
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private void gate(int vector) {
    guest.gate(vector, ProtectedKernel.TASK_GATE, TASK);
  }

  private void runToTask() {
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(TASK_CODE + 1);
    assertThat(guest.cpu.state().selector(SegmentRegister.TR)).isEqualTo(TASK);
  }

  @Test
  void anExceptionSwitchesToTheTask() {
    gate(6);
    guest.code(CODE, "b842000000 0f0b"); // mov eax, 0x42; ud2
    runToTask();
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1234_5678);
    assertThat(guest.get(Register.RSP)).isEqualTo(TASK_STACK);
    assertThat(guest.get(Register.RFLAGS) & Flags.NT).isEqualTo(Flags.NT);
    assertThat(guest.get(Register.CR0) & 8).as("TS").isEqualTo(8);
    assertThat(guest.load16(TASK_TSS)).as("back link").isEqualTo(MAIN);
    assertThat(guest.load(GDT + TASK)).as("busy").isEqualTo(BUSY | TASK_TSS << 16);
    assertThat(guest.load32(TSS + 0x20)).as("old EIP").isEqualTo(CODE + 5);
    assertThat(guest.load32(TSS + 0x28)).as("old EAX").isEqualTo(0x42);
    assertThat(guest.load32(TSS + 0x38)).as("old ESP").isEqualTo(ProtectedKernel.STACK);
    assertThat(guest.load16(TSS + 0x4C)).as("old CS").isEqualTo(ProtectedKernel.CS);
  }

  @Test
  void iretReturnsAndTheTaskGoesOnBehindIt() {
    gate(3);
    guest.code(CODE, "b842000000 cc b842000000 cc f4"); // mov eax, 0x42; int3; twice; hlt
    guest.code(TASK_CODE, "43 cf 83c310 cf"); // inc ebx; iret; add ebx, 16; iret
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 13);
    assertThat(guest.get(Register.RAX)).isEqualTo(0x42);
    assertThat(guest.cpu.state().selector(SegmentRegister.TR)).isEqualTo(MAIN);
    assertThat(guest.load32(TASK_TSS + 0x34)).as("the task's EBX").isEqualTo(17);
    assertThat(guest.load(GDT + TASK)).as("not busy").isEqualTo(NOT_TAKEN | TASK_TSS << 16);
  }

  @Test
  void anErrorCodeIsPushedOnTheTasksStack() {
    gate(13);
    guest.code(CODE, "66b83412 8ed8"); // mov ax, 0x1234; mov ds, ax
    runToTask();
    assertThat(guest.get(Register.RSP)).isEqualTo(TASK_STACK - 4);
    assertThat(guest.load32(TASK_STACK - 4)).isEqualTo(0x1234);
  }

  @Test
  void anInterruptOfRing3SwitchesToo() {
    guest.gate(0x20, ProtectedKernel.TASK_GATE | ProtectedKernel.FOR_USER, TASK);
    guest.userMode("cd20"); // int 0x20
    runToTask();
    assertThat(guest.cpu.state().cpl()).isZero();
    assertThat(guest.load16(TSS + 0x4C)).as("old CS").isEqualTo(ProtectedKernel.USER_CS);
    assertThat(guest.load32(TSS + 0x20)).as("old EIP").isEqualTo(ProtectedKernel.USER_CODE + 2);
  }

  @Test
  void theTaskHasItsOwnPageTables() {
    long directory = 0x3_8000;
    long other = 0x3_9000;
    guest.store32(directory, 0x83);
    guest.store32(other, 0x83);
    guest.store32(other + 4, 0x83);
    guest.store32(TASK_TSS + 0x1C, (int) other);
    guest.set(Register.CR3, directory);
    guest.set(Register.CR4, 0x10);
    guest.set(Register.CR0, 0x8000_0011L);
    gate(6);
    guest.code(CODE, "0f0b");
    guest.code(TASK_CODE, "a100104000 f4"); // mov eax, [0x401000]
    guest.store32(0x1000, 0x77);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RAX)).isEqualTo(0x77);
    assertThat(guest.get(Register.CR3)).isEqualTo(other);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a busy one, 8b, 67, 8, 13, 49",
    "one that isn't present, 09, 67, 8, 11, 49",
    "one that is too short, 89, 66, 8, 10, 49",
    "one that isn't a task, 82, 67, 8, 13, 49",
    "one whose code isn't there, 89, 67, 28, 10, 29",
    "one whose code is data, 89, 67, 10, 10, 11",
  })
  void aTaskThatCannotBeSwitchedToIsRefused(
      String name, String type, String limit, String code, int vector, String errorCode) {
    long descriptor = Long.parseLong(type, 16) << 40 | Long.parseLong(limit, 16);
    guest.store(GDT + TASK, descriptor | TASK_TSS << 16);
    guest.store32(TASK_TSS + 0x4C, Integer.parseInt(code, 16));
    gate(6);
    guest.code(CODE, "0f0b");
    assertThat(guest.runToHandler()).isEqualTo(vector);
    assertThat(guest.onStack(0)).isEqualTo(Integer.parseInt(errorCode, 16));
    assertThat(guest.onStack(1)).as("EIP").isEqualTo(CODE);
    assertThat(guest.cpu.state().selector(SegmentRegister.TR)).isEqualTo(MAIN);
  }
}
